export { SlipstreamClient, type ClientOptions, type FollowOptions, type GenerationEvent, type Images, type ListQuery, type ReadOptions, type RequestOptions, type SubmitOptions, type WaitOptions } from './slipstream-client.js';
export { StudiesClient } from './studies-client.js';
export { ApiError, ConnectionError, GenerationEndedError } from './errors.js';
export type { FleetFigures, FleetObject, FleetPointObject, StudyObject, StudyPairObject, StudyRequestInput, StudyResults, VoteObject, VoteRequest } from '@slipstream/contracts';
export type { ErrorCode, GenerationList, GenerationObject, GenerationRequestInput, GenerationStatus, ImagesAnswer, ModelObject, PictureDatum, Problem } from '@slipstream/contracts';
