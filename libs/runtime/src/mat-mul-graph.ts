/** An ONNX graph of one node, c = a · b of float32 matrices of any size, in the protobuf of onnx.proto3. */
export function matMulGraph(): Uint8Array {
  const node = message([text(1, 'a'), text(1, 'b'), text(2, 'c'), text(4, 'MatMul')]);
  const graph = message([nested(1, node), text(2, 'product'), ...['a', 'b'].map((name) => nested(11, matrix(name))), nested(12, matrix('c'))]);
  return message([number(1, 8), nested(7, graph), nested(8, message([text(1, ''), number(2, 17)]))]); // ir version, graph, opset
}

/** ValueInfoProto of a float matrix whose sizes have names. */
function matrix(name: string): Uint8Array {
  const axis = (side: string): Uint8Array => nested(1, message([text(2, `${name}_${side}`)]));
  const tensorType = message([number(1, 1), nested(2, message([axis('rows'), axis('columns')]))]); // 1: float
  return message([text(1, name), nested(2, message([nested(1, tensorType)]))]);
}

const message = (fields: readonly Uint8Array[]): Uint8Array => Buffer.concat(fields);
const number = (field: number, value: number): Uint8Array => Uint8Array.of(field << 3, value);
const nested = (field: number, content: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of((field << 3) | 2, ...varint(content.length)), content]);
const text = (field: number, value: string): Uint8Array => nested(field, Buffer.from(value));

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
