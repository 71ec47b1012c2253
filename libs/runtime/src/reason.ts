/** What ONNX Runtime has to say about a failure, in one line without its source places and colours. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ''] = text.replace(/\u001b\[[\d;]*m/g, '').split('\n', 1);
  return line.replace(/^.*\.cc:\d+ /, '').replace(/^.* was false\. /, '');
}
