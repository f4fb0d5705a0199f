-- Gives the 97.5 % quantile of Student's t distribution, for at least 3 degrees of freedom.
-- Formula: Cornish-Fisher expansion to the fifth order in 1/df (Fisher and Cornish 1960; to the
-- fourth in Abramowitz and Stegun 26.7.5), its polynomials taken at the normal quantile; too small
-- by 8·10⁻⁴ at 3, 2·10⁻⁴ at 4 and less above.
CREATE OR REPLACE TEMP MACRO t_quantile(df) AS
    1.959963984540054e0
    + (
        2.372271230298562e0
        + (2.822498615739611e0 + (2.555849679507722e0 + (1.589534053393822e0 + 0.732898211981605e0 / df) / df) / df)
        / df
    ) / df
