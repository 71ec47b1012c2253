export { ScriptedLines } from './scripted-lines.js';
