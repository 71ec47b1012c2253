export { SlipstreamClient, type ClientOptions, type FollowOptions, type GenerationEvent, type Images, type ListQuery, type ReadOptions, type RequestOptions, type SubmitOptions, type WaitOptions } from './slipstream-client.js';
export { ApiError, ConnectionError, GenerationEndedError } from './errors.js';
export type { ErrorCode, GenerationList, GenerationObject, GenerationRequestInput, GenerationStatus, ImagesAnswer, ModelObject, PictureDatum, Problem } from '@slipstream/contracts';
