// ONNX Runtime sends events about sessions and models to its makers since 1.29, unless this is in the environment of the
// process before it is loaded. Imported where the main thread loads it or starts the engine thread: only there does an
// assignment reach the process itself.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
