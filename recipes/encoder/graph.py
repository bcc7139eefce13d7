"""Writes the encoder's ONNX graph node by node: BERT with 6 layers, mean pooling and L2 normalisation, one text a call.

Nothing is exported and then repaired, so every choice that makes the graph fast or accurate is visible here:

- One unpadded text needs no attention mask and no token types; the embedding of token type 0 is added to the positions.
- Query, key and value are one matrix product of 384 x 1152; the attention's scale lies in the query's weights.
- `Add` and `LayerNormalization` stay apart, because the fused `SkipLayerNormalization` costs eight times as much in
  ONNX Runtime 1.31 on a CPU.
- Weights are int8 with one scale per output channel; activations are uint8 with one scale per text.
- A few channels of [CLS] are ten times as large as all others; `Relief` divides them before they are quantised.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS = 6
HEADS = 12
WIDTH = 384
LONGEST = 512
LAYER_NORM_EPSILON = 1e-12
INT8_MAX = 127
OPSET = 21
IR_VERSION = 10
CONTRIB = "com.microsoft"

# Per linear layer, the divisor of each of its input channels; the layer's weights are multiplied by the same.
Relief = dict[str, np.ndarray]


@dataclass
class Graph:
    """A graph under construction; each operator's outputs are named after the node."""

    nodes: list = field(default_factory=list)
    constants: dict = field(default_factory=dict)

    def constant(self, name: str, value) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def op(self, kind: str, inputs: list[str], name: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def ops(self, kind: str, inputs: list[str], names: list[str], **attributes) -> list[str]:
        self.nodes.append(helper.make_node(kind, inputs, names, name=names[0], **attributes))
        return names


def quantised_encoder(weights: dict[str, np.ndarray], relief: Relief) -> onnx.ModelProto:
    """Returns the int8 encoder that the project ships."""

    def linear(graph, x, weight, bias, name):
        if name in relief:
            x = graph.op("Mul", [x, graph.constant(f"{name}.relief", 1 / relief[name])], f"{name}.relieved")
            weight = weight * relief[name][:, None]
        scale = (np.abs(weight).max(axis=0) / INT8_MAX).astype(np.float32)
        integers = np.round(weight / scale).astype(np.int8)
        x, x_scale, x_zero = graph.ops("DynamicQuantizeLinear", [x], [f"{name}.x", f"{name}.x_scale", f"{name}.x_zero"])
        inputs = [
            x,
            graph.constant(f"{name}.weight", integers),
            x_scale,
            graph.constant(f"{name}.scale", scale),
            x_zero,
            graph.constant(f"{name}.zero", np.zeros_like(scale, dtype=np.int8)),
            graph.constant(f"{name}.bias", bias),
        ]
        return graph.op("MatMulIntegerToFloat", inputs, name, CONTRIB)

    graph = Graph()
    table = weights["embeddings.word_embeddings.weight"]
    scale = np.abs(table).max(axis=1, keepdims=True) / INT8_MAX
    integers = graph.constant("words.integers", np.round(table / scale).astype(np.int8))
    rows = graph.op("Gather", [integers, "input_ids"], "words.rows")
    rows = graph.op("Cast", [rows], "words.floats", to=TensorProto.FLOAT)
    scales = graph.constant("words.scales", scale.astype(np.float32))
    scales = graph.op("Gather", [scales, "input_ids"], "words.row_scales")
    words = graph.op("Mul", [rows, scales], "words")
    return finish(graph, encode(graph, weights, words, linear), probes=[])


def reference_encoder(weights: dict[str, np.ndarray], probes: list[str] = ()) -> onnx.ModelProto:
    """Returns the same network in float32; `probes` names linear layers whose input becomes an output as well."""
    inputs_of = {}

    def linear(graph, x, weight, bias, name):
        inputs_of[name] = x
        product = graph.op("MatMul", [x, graph.constant(f"{name}.weight", weight)], f"{name}.product")
        return graph.op("Add", [product, graph.constant(f"{name}.bias", bias)], name)

    graph = Graph()
    table = graph.constant("words.table", weights["embeddings.word_embeddings.weight"])
    words = graph.op("Gather", [table, "input_ids"], "words")
    last = encode(graph, weights, words, linear)
    return finish(graph, last, probes=[inputs_of[name] for name in probes])


def encode(graph: Graph, weights: dict[str, np.ndarray], words: str, linear) -> str:
    """Adds everything between the word embeddings and the last hidden state, whose name it returns."""

    def add_and_normalise(a, b, prefix):
        total = graph.op("Add", [a, b], f"{prefix}.sum")
        gain, offset = (graph.constant(f"{prefix}.{part}", weights[f"{prefix}.{part}"]) for part in ("weight", "bias"))
        return graph.op("LayerNormalization", [total, gain, offset], prefix, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def matrix(prefix):
        return weights[f"{prefix}.weight"].T, weights[f"{prefix}.bias"]

    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    length = graph.op("Shape", ["input_ids"], "length", start=1, end=2)
    bounds = [graph.constant("first", np.array([0])), length, graph.constant("axis", np.array([1]))]
    rows = graph.op("Slice", [graph.constant("positions.table", positions[None]), *bounds], "positions")
    x = add_and_normalise(words, rows, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        heads = ("query", "key", "value")
        (query, query_bias), key, value = (matrix(f"{prefix}.attention.self.{part}") for part in heads)
        shrink = np.float32((WIDTH / HEADS) ** -0.5)
        weight = np.concatenate([query * shrink, key[0], value[0]], axis=1)
        bias = np.concatenate([query_bias * shrink, key[1], value[1]])
        merged = linear(graph, x, weight, bias, f"{prefix}.qkv")
        parts = graph.ops("Split", [merged], [f"{prefix}.{part}" for part in heads], axis=2, num_outputs=3)
        context = graph.op("MultiHeadAttention", parts, f"{prefix}.context", CONTRIB, num_heads=HEADS, scale=1.0)
        attended = linear(graph, context, *matrix(f"{prefix}.attention.output.dense"), f"{prefix}.attended")
        x = add_and_normalise(attended, x, f"{prefix}.attention.output.LayerNorm")
        hidden = linear(graph, x, *matrix(f"{prefix}.intermediate.dense"), f"{prefix}.up")
        active = graph.op("Gelu", [hidden], f"{prefix}.active", CONTRIB)
        reduced = linear(graph, active, *matrix(f"{prefix}.output.dense"), f"{prefix}.down")
        x = add_and_normalise(reduced, x, f"{prefix}.output.LayerNorm")
    return x


def finish(graph: Graph, last: str, probes: list[str]) -> onnx.ModelProto:
    mean = graph.op("ReduceMean", [last, graph.constant("axis", np.array([1]))], "mean", keepdims=0)
    graph.op("LpNormalization", [mean], "embedding", axis=-1, p=2)
    tokens = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, WIDTH])]
    outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in probes]
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", [tokens], outputs, list(graph.constants.values()))
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="rewardctl")
