"""The command `abd audit`, called from Python."""

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Any


class AuditError(RuntimeError):
    """The audit could not be made."""


def audit(
    model: str,
    *,
    command: Sequence[str] | None = None,
    profile: str | None = None,
    arguments: Sequence[str] = (),
    environment: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Audits one model and returns its report (docs: `abd audit`, `report.json`).

    A verdict of `block` is a report like any other. Raises AuditError where there is no report.
    """
    words = list(command or shlex.split(os.environ.get("ABD_COMMAND", "abd")))
    with tempfile.TemporaryDirectory(prefix="abd-") as folder:
        call = [*words, "audit", model, "--json", "--out", folder]
        if profile is not None:
            call += ["--profile", profile]
        try:
            done = subprocess.run(
                [*call, *arguments],
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise AuditError(
                f"abd could not be started ({error}). Is it in PATH? Else name it in ABD_COMMAND."
            ) from error
    try:
        printed = json.loads(done.stdout)
    except json.JSONDecodeError:
        printed = None
    if isinstance(printed, list) and len(printed) == 1:
        return printed[0]
    told = printed.get("error", {}) if isinstance(printed, dict) else {}
    reason = told.get("message") or done.stderr.strip()[-500:] or "no report"
    raise AuditError(f"abd audit ended with {done.returncode}: {reason}")
