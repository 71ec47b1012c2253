/** Figures as people read them; a dash where nothing is known. */
const none = '–';

export const percent = (share: number | null): string => (share === null ? none : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`);
export const number = (value: number | null, digits = 1): string => (value === null ? none : value.toFixed(value !== 0 && Math.abs(value) < 1 ? Math.max(2, digits) : digits));
export const times = (value: number | null): string => (value === null ? none : `${number(value)} ×`);
export const milliseconds = (seconds: number | null): string => (seconds === null ? none : `${number(seconds * 1000)} ms`);

export function duration(seconds: number | null): string {
  if (seconds === null) return none;
  if (seconds < 100) return `${number(seconds)} s`;
  return seconds < 6_000 ? `${Math.round(seconds / 60)} min` : `${number(seconds / 3_600)} h`;
}

export const clock = (unixSeconds: number): string => new Date(unixSeconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
export const dayAndClock = (unixSeconds: number): string => new Date(unixSeconds * 1000).toLocaleString([], { weekday: 'short', hour: '2-digit', minute: '2-digit' });
