const name = 'slipstream.api-key';

/** The API key lives as long as the browser's tab, and is sent to nobody but the gateway. */
export const keptApiKey = (): string | undefined => sessionStorage.getItem(name) ?? undefined;

export const keepApiKey = (key: string): void => sessionStorage.setItem(name, key);

export const forgetApiKey = (): void => sessionStorage.removeItem(name);
