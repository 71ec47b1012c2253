import type { Setting } from './settings';

export type Typed = Readonly<Record<string, string>>;

/** A field a setting; left empty it is as usual, which it says. */
export function SettingFields({ settings, typed, onType }: { settings: readonly Setting[]; typed: Typed; onType: (typed: Typed) => void }) {
  const choices = settings.filter(({ values }) => values === undefined || values.length > 1);
  return (
    <details className="finer" open={Object.keys(typed).length > 0}>
      <summary>Finer settings</summary>
      <div className="finer-fields">
        {choices.map((setting) => <SettingField key={setting.name} setting={setting} text={typed[setting.name] ?? ''} onType={(text) => onType({ ...typed, [setting.name]: text })} />)}
      </div>
    </details>
  );
}

function SettingField({ setting: { name, title, default: usual, min, max, whole, values }, text, onType }: { setting: Setting; text: string; onType: (text: string) => void }) {
  const id = `setting-${name}`;
  return (
    <div>
      <label htmlFor={id}>{title}</label>
      {values
        ? <select id={id} value={text} onChange={(event) => onType(event.target.value)}><option value="">{usual}</option>{values.filter((value) => value !== usual).map((value) => <option key={value}>{value}</option>)}</select>
        : <input id={id} type="number" min={min} max={max} step={whole ? 1 : 'any'} placeholder={String(usual)} value={text} onChange={(event) => onType(event.target.value)} />}
    </div>
  );
}
