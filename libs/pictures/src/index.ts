export { contentTypes, encodePicture, type EncodeOptions, type PictureFormat } from './encode-picture.js';
export { pictureGrid, type GridOptions } from './picture-grid.js';
export type { Picture } from './picture.js';
export { readPngText } from './png-text.js';
