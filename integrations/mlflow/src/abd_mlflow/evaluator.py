"""The evaluator that `mlflow.models.evaluate(..., evaluators="abd")` finds by its entry point."""

from typing import Any

from mlflow.models.evaluation.base import EvaluationResult, ModelEvaluator

from abd_mlflow.audit import AuditError, audit

KNOWN = {"model", "profile", "arguments", "command", "fail_on"}


class AbdEvaluator(ModelEvaluator):
    """Audits the file behind a model; what it finds is logged to the evaluation's run."""

    @classmethod
    def can_evaluate(cls, *, model_type: str, evaluator_config: dict[str, Any], **kwargs: Any) -> bool:
        return model_type in (None, "classifier")

    def evaluate(
        self,
        *,
        model_type: str,
        dataset: Any,
        run_id: str,
        evaluator_config: dict[str, Any],
        model: Any = None,
        **kwargs: Any,
    ) -> EvaluationResult:
        import mlflow

        config = evaluator_config or {}
        unknown = set(config) - KNOWN
        if unknown:
            raise AuditError(f"Unknown keys of evaluator_config: {sorted(unknown)}; known: {sorted(KNOWN)}")
        address = config.get("model") or address_of(model)
        if address is None:
            raise AuditError(
                'Nothing says which file to audit: evaluator_config={"abd": {"model": "models:/NAME/VERSION"}}'
            )
        report = audit(
            address,
            command=config.get("command"),
            profile=config.get("profile"),
            arguments=config.get("arguments", ()),
            # abd logs to the run of the evaluation, and does not end it.
            environment={"MLFLOW_TRACKING_URI": mlflow.get_tracking_uri(), "MLFLOW_RUN_ID": run_id},
        )
        verdict = report["verdict"]
        metrics = figures_of(report)
        mlflow.MlflowClient().set_tag(run_id, "abd.verdict", verdict)
        for key, value in metrics.items():
            mlflow.MlflowClient().log_metric(run_id, key, value)
        if verdict in config.get("fail_on", ()):
            raise AuditError(f"The audit's verdict is {verdict}: {'; '.join(report['reasons'])}")
        return EvaluationResult(metrics=metrics, artifacts={})


def figures_of(report: dict[str, Any]) -> dict[str, float]:
    """What a threshold can be set on: the score, and the largest ASR that was demonstrated; fractions."""
    figures = {"abd/blocked": float(report["verdict"] == "block")}
    if report["score"] is not None:
        figures["abd/score"] = float(report["score"])
    shares = [one["asr"] for one in report["demonstrations"]]
    if shares:
        figures["abd/largest_asr"] = max(shares)
    return figures


def address_of(model: Any) -> str | None:
    """Where MLflow has the model that it hands over, if it says."""
    metadata = getattr(model, "metadata", None)
    model_id = getattr(metadata, "model_id", None)
    return f"models:/{model_id}" if model_id else None
