-- Gives the agreement of one layer of a distribution: whether each category is filled, in order.
-- Formula: A = U·(1 − (S − 1)/(K − 1)) with U = ((K − 2)·TU − (K − 1)·TDU) / ((K − 2)·(TU + TDU)).
-- S of K categories are filled. TU counts the triples of categories that read 110 or 011: a filled
-- one between a filled and an empty one; TDU those that read 101: an empty one between two filled.
-- One filled category gives 1; all filled have neither triple and give 0.
-- Source: van der Eijk, Measuring agreement in ordered rating scales, Quality and Quantity 35
-- (2001), 325–341, equation 2.
CREATE OR REPLACE TEMP MACRO layer_agreement(filled) AS
    CASE len([x FOR x IN filled IF x])
        WHEN 1 THEN 1
        WHEN len(filled) THEN 0
        ELSE list_transform(
            [{
                'tu': list_sum([
                    len([i FOR i IN range(1, j) IF filled[i]])
                    * len([i FOR i IN range(j + 1, len(filled) + 1) IF NOT filled[i]])
                    + len([i FOR i IN range(1, j) IF NOT filled[i]])
                    * len([i FOR i IN range(j + 1, len(filled) + 1) IF filled[i]])
                    FOR j IN range(1, len(filled) + 1) IF filled[j]
                ]),
                'tdu': list_sum([
                    len([i FOR i IN range(1, j) IF filled[i]])
                    * len([i FOR i IN range(j + 1, len(filled) + 1) IF filled[i]])
                    FOR j IN range(1, len(filled) + 1) IF NOT filled[j]
                ])
            }],
            -- One division of whole numbers, so that 1 and -1 come out exactly.
            lambda triples: (
                (len(filled) - 2) * triples.tu - (len(filled) - 1) * triples.tdu
            ) * (len(filled) - len([x FOR x IN filled IF x]))
            / ((len(filled) - 2) * (triples.tu + triples.tdu) * (len(filled) - 1))
        )[1]
    END
