/** Hands a text to the browser as a file. */
export function saveFile(name: string, text: string, contentType: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: contentType }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // by then it has been read
}
