"""What picklescan and modelscan say of files: paths on standard input, one a line; JSON lines on standard output."""

import contextlib
import io
import json
import logging
import sys

logging.disable(logging.CRITICAL)
scanner = sys.argv[1]

if scanner == "picklescan":
    from picklescan.scanner import scan_file_path

    def verdict(path):
        result = scan_file_path(path)
        if result.issues_count > 0:
            return "block"
        return "error" if result.scan_err else ("pass" if result.scanned_files else "not scanned")
else:
    from modelscan.modelscan import ModelScan

    def verdict(path):
        summary = ModelScan().scan(path)
        if summary["summary"]["total_issues"] > 0:
            return "block"
        if summary["errors"]:
            return "error"
        return "pass" if summary["summary"]["scanned"]["total_scanned"] else "not scanned"


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            said = verdict(path)
    except BaseException as error:  # a crash is a result
        said = f"crash ({type(error).__name__})"
    print(json.dumps([path, said]), flush=True)
