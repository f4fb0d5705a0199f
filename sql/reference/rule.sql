-- One row is a rule with its German sentence.
-- Grain: rule.
-- Inputs: the rules beside the code and the tables.
SELECT * FROM loaded_rule
