/** The same bytes, and in `size` how many have gone by. */
export async function* counted(source: AsyncIterable<Uint8Array>, size: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    size.bytes += chunk.byteLength;
    yield chunk;
  }
}
