/** Names of the series of ours that a PromQL expression reads: `slipstream_…`, or recorded `slipstream:…`. */
export function namesIn(expr: string): string[] {
  return [...new Set(expr.match(/\bslipstream[_:][a-z0-9_:]+/g) ?? [])];
}

/** For each series in a PromQL expression, the labels that it is chosen by. */
export function labelsIn(expr: string): [name: string, labels: string[]][] {
  return [...expr.matchAll(/\b(slipstream_[a-z0-9_]+)\{([^}]*)\}/g)].map(([, name, inside]) => [name!, [...inside!.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!)]);
}
