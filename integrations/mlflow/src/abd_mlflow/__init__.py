"""An evaluator for MLflow that audits image classifiers for backdoors with abd."""
