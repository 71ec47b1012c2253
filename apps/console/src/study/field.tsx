import type { InputHTMLAttributes } from 'react';

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'defaultValue'> {
  readonly name: string;
  readonly label: string;
  /** To begin with. */
  readonly value: string;
}

/** An input under its label. */
export function Field({ name, label, value, id = `study-${name}`, ...input }: FieldProps) {
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} defaultValue={value} required {...input} />
    </div>
  );
}
