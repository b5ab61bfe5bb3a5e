// SPDX-License-Identifier: Apache-2.0
// A stage's card: what its tasks did with their time, before the raw values.

const STAGE = "spark.stage.";

/** Say where the time of a stage's tasks went: computing, collecting garbage, waiting for rows, or neither. */
function stageCard(values) {
  const of = (name) => values[STAGE + name];
  const run = of("executor.run_time_ms");
  if (of("tasks") === undefined) return [];
  const shares = [["CPU", of("executor.cpu_time_ms")], ["GC", of("jvm.gc_time_ms")], ["waiting for shuffled rows", of("shuffle.fetch_wait_time_ms")]]
    .filter(([, ms]) => ms !== undefined && run > 0)
    .map(([name, ms]) => [name, Math.min(100, Math.round((ms / run) * 100))]);
  const rest = 100 - shares.reduce((sum, [, share]) => sum + share, 0);
  const where = shares.filter(([name, share]) => share || name === "CPU").map(([name, share]) => `${name} ${share} %`);
  const [most, middle] = [of("task.max_ms"), of("task.p50_ms")];
  const factor = most && middle ? ` (${(most / middle).toFixed(1)}×)` : "";
  return table("Stage", {
    tasks: `${grouped(of("tasks"))}${of("tasks.failed") ? `, ${grouped(of("tasks.failed"))} failed` : ""}`,
    "task time": most === undefined ? undefined : `max ${duration(most)}${middle === undefined ? "" : `, median ${duration(middle)}${factor}`}`,
    "all tasks": run ? duration(run) : undefined,
    where: where.length ? [...where, ...(rest > 0 ? [`neither ${rest} %`] : [])].join(" · ") : undefined,
  });
}
