// ruleid: js-failure-not-swallowed
try {
  send(order);
} catch (error) {}
// ruleid: js-failure-not-swallowed
publish(order).catch(() => {});
// ok: js-failure-not-swallowed
try {
  send(order);
} catch (error) {
  log.error(error);
}
// ok: js-failure-not-swallowed
try {
  width = terminalWidth();
} catch {
  // no terminal: the width given above stays
}
