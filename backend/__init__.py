"""The ML backend: Label Studio's protocol, and the predictors behind it."""
