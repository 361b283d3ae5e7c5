"""label-studio-ml both ways: our drafts in its server, and its models as our predictors."""
