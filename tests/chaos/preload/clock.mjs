// Loaded into a server by --import: its wall clock jumps at SIGUSR2, to each of these in turn. The monotonic clock goes on.
const jumpsMs = [3_600_000, -3_600_000, 0];
let jump = 0;
const RealDate = Date;
const { now } = RealDate;
const shifted = () => now() + (jump === 0 ? 0 : jumpsMs[(jump - 1) % jumpsMs.length]);
globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [shifted()] : given));
  }
  static now() {
    return shifted();
  }
};
process.on('SIGUSR2', () => (jump += 1));
