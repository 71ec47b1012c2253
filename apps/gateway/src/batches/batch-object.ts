import type { BatchObject, BatchRecord, BatchStatus } from '@slipstream/contracts';

/** A batch as OpenAI shows one. */
export function batchObject({ id, endpoint, model, faults, inputFile, completionWindow, status, outputFile, errorFile, createdAtMs, expiresAtMs, atMs, counts, tokens, metadata }: BatchRecord): BatchObject {
  const at = (name: BatchStatus): number | null => (atMs[name] === undefined ? null : seconds(atMs[name]));
  return {
    id,
    object: 'batch',
    endpoint,
    model,
    errors: faults ? { object: 'list', data: faults } : null,
    input_file_id: inputFile,
    completion_window: completionWindow,
    status,
    output_file_id: outputFile ?? null,
    error_file_id: errorFile ?? null,
    created_at: seconds(createdAtMs),
    in_progress_at: at('in_progress'),
    expires_at: seconds(expiresAtMs),
    finalizing_at: at('finalizing'),
    completed_at: at('completed'),
    failed_at: at('failed'),
    expired_at: at('expired'),
    cancelling_at: at('cancelling'),
    cancelled_at: at('cancelled'),
    request_counts: counts,
    usage: {
      input_tokens: tokens.input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: tokens.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: tokens.input + tokens.output,
    },
    metadata,
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
