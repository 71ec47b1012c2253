import { useState, type FormEvent } from 'react';
import type { ModelObject } from '@slipstream/client';
import { vanilla, type Preset } from './presets';
import { SettingFields, type Typed } from './setting-fields';
import { chosenIn } from './settings';
import { Snippets } from './snippets-view';
import { budgetWithin, mostSeed, requestsOf, stepsOf, wishOf, type Wish } from './wish';

interface StudioFormProps {
  readonly model: ModelObject;
  readonly presets: readonly Preset[];
  readonly wish: Wish;
  readonly busy: boolean;
  readonly onMake: (wish: Wish) => void;
}

/** Takes a wish, and hands it out as code. What is typed outlives the making. */
export function StudioForm({ model, presets, wish, busy, onMake }: StudioFormProps) {
  const [prompt, setPrompt] = useState(wish.prompt);
  const [seed, setSeed] = useState(String(wish.seed));
  const [strategy, setStrategy] = useState(wish.strategy);
  const [budget, setBudget] = useState(wish.budget);
  const [beside, setBeside] = useState(wish.beside);
  const [finer, setFiner] = useState<Typed>(() => Object.fromEntries(Object.entries(wish.chosen).map(([name, value]) => [name, String(value)])));
  const preset = presets.find(({ name }) => name === strategy)!;
  const { classes } = model.slipstream.limits.prompt;

  const chosen = chosenIn(preset.settings, (name) => finer[name]);
  const steps = stepsOf(preset, chosen);
  const within = budgetWithin(steps, preset, budget);
  const typed = wishOf({ prompt, seed: Number(seed), strategy, budget: within, beside, chosen });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onMake(typed);
  };
  const choose = (name: string): void => {
    setStrategy(name);
    setBudget(presets.find((each) => each.name === name)!.budget);
  };

  return (
    <>
      <form onSubmit={submit} className="fields">
        <div>
          <label htmlFor="prompt">{classes === undefined ? 'Prompt' : `Class, 0 to ${classes - 1}`}</label>
          <textarea id="prompt" required rows={2} maxLength={32_000} value={prompt} placeholder={classes === undefined ? 'slice of pizza' : '0'} onChange={(event) => setPrompt(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); event.currentTarget.form!.requestSubmit(); } }} />
        </div>
        <div>
          <label htmlFor="preset">Preset</label>
          <select id="preset" value={strategy} onChange={(event) => choose(event.target.value)}>
            {presets.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
          </select>
        </div>
        {within !== undefined && (
          <div>
            <label htmlFor="budget">Full steps, at most: <output htmlFor="budget">{within} of {steps}</output></label>
            <input id="budget" type="range" min={1} max={steps} value={within} onChange={(event) => setBudget(Number(event.target.value))} />
          </div>
        )}
        <div>
          <label htmlFor="seed">Seed</label>
          <div className="seed">
            <input id="seed" type="number" required min={0} max={Number.MAX_SAFE_INTEGER} step={1} inputMode="numeric" value={seed} onChange={(event) => setSeed(event.target.value)} />
            <button type="button" className="quiet" onClick={() => setSeed(String(Math.floor(Math.random() * mostSeed)))}>Draw one</button>
          </div>
        </div>
        <SettingFields settings={preset.settings} typed={finer} onType={setFiner} />
        {strategy !== vanilla && presets.some(({ name }) => name === vanilla) && (
          <label className="tick"><input type="checkbox" checked={beside} onChange={(event) => setBeside(event.target.checked)} />Vanilla beside it, every step full</label>
        )}
        <button type="submit" disabled={busy}>Make</button>
      </form>
      <Snippets request={requestsOf(typed, presets)[0]!} />
    </>
  );
}
