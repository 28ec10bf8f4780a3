"""The test cases of the onnx package, each as a model of one input, with its inputs and outputs as JSON.

  python scripts/onnx_cases.py DIR     # writes DIR/NAME.onnx and DIR/NAME.json; needs onnx (and numpy, which it brings)

Cases of single operators are made by the package, those converted from PyTorch lie in it. All inputs but the first become
weights of the model. Left out: several outputs, text, what is empty or large.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.loader import load_model_tests

MOST = 200_000


def from_folder(case):
    folder = Path(case.model_dir) / "test_data_set_0"

    def arrays(kind):
        files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda path: int(path.stem.split("_")[1]))
        return [numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes())) for path in files]

    return onnx.load(Path(case.model_dir) / "model.onnx"), arrays("input"), arrays("output")


def cases():
    for case in collect_testcases(None):
        if case.model is not None and case.data_sets:
            yield case.name, *((case.model,) + tuple(case.data_sets[0]))
    for kind in ("pytorch-converted", "pytorch-operator", "simple"):
        for case in load_model_tests(kind=kind):
            try:
                yield f"{kind}-{case.name}", *from_folder(case)
            except (TypeError, ValueError):
                continue  # sequences and the like


def fits(array):
    """In single precision: some cases of double precision are of memory that nobody set."""
    return array.dtype != np.float64 or bool(np.all(np.abs(array) < 1e38))


def numbers(array):
    return {
        "shape": array.shape,
        "float": array.dtype.kind == "f",
        "half": array.dtype == np.float16,
        "data": array.astype(np.float64).ravel().tolist(),
    }


def write(folder, name, model, inputs, outputs):
    arrays = [*inputs, *outputs]
    if [node.op_type for node in model.graph.node] == ["LayerNormalization"]:
        # Its mean and deviation are no outputs in inference.
        del model.graph.output[1:], model.graph.node[0].output[1:], outputs[1:]
        arrays = [*inputs, *outputs]
    if len(outputs) != 1 or not inputs or not all(isinstance(array, np.ndarray) for array in arrays):
        return
    if any(array.dtype.kind not in "fiub" for array in arrays) or sum(array.size for array in arrays) > MOST:
        return
    if any(array.size == 0 or not fits(array) for array in arrays):
        return
    known = {tensor.name for tensor in model.graph.initializer}
    free = [value for value in model.graph.input if value.name not in known]
    if len(free) != len(inputs):
        return
    for value, array in zip(free[1:], inputs[1:]):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(array), value.name))
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    io = {
        "operators": sorted({node.op_type for node in model.graph.node}),
        "input": numbers(inputs[0]),
        "output": numbers(outputs[0]),
    }
    (folder / f"{name}.json").write_text(json.dumps(io).replace("NaN", "null").replace("Infinity", "1e999"))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, model, inputs, outputs in cases():
        write(folder, name, model, inputs, outputs)
