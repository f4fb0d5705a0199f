"""The page on which evaluators ask the release with SQL, and the engine it runs in the browser."""
