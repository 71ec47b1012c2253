export { SlipstreamClient, type ClientOptions, type Images, type ReadOptions, type RequestOptions, type SubmitOptions, type WaitOptions } from './slipstream-client.js';
export { ApiError, ConnectionError, GenerationEndedError } from './errors.js';
export type { ErrorCode, GenerationObject, GenerationRequestInput, ImagesAnswer, ModelObject, PictureDatum, Problem } from '@slipstream/contracts';
