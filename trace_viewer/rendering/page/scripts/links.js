// SPDX-License-Identifier: Apache-2.0
// From a row to the pages of the AWS console that show the same, and out of the page by a copy.

/** Addresses of a row's execution and log groups; of the trace for the first row. */
function consolePages(row, index) {
  if (!DATA.console) return [];
  const region = DATA.console.replace("https://", "").split(".")[0];
  const page = (service, rest) => `${DATA.console}/${service}/home?region=${region}#${rest}`;
  const aws = row.details?.aws ?? {};
  const groups = Array.isArray(aws.cloudwatch_logs) ? aws.cloudwatch_logs.map((one) => one?.log_group).filter((name) => typeof name === "string") : [];
  const twice = (text) => encodeURIComponent(encodeURIComponent(text)).replaceAll("%", "$");
  return [
    ...(index === 0 && DATA.trace ? [["X-Ray trace", page("cloudwatch", `xray:traces/${encodeURIComponent(DATA.trace)}`)]] : []),
    ...(typeof aws.execution_arn === "string" ? [["execution", page("states", `/v2/executions/details/${encodeURIComponent(aws.execution_arn)}`)]] : []),
    ...[...new Set(groups)].map((name) => [`log group ${name}`, page("cloudwatch", `logsV2:log-groups/log-group/${twice(name)}`)]),
  ];
}

function linksOf(row, index) {
  const copy = make("button", { type: "button" }, "Copy details");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(panel.innerText);
    byId("said").textContent = "copied";
  });
  const pages = consolePages(row, index).map(([name, href]) => make("li", {}, make("a", { href, target: "_blank", rel: "noopener noreferrer" }, name)));
  return [make("h4", {}, "Links"), make("ul", { class: "links" }, ...pages, make("li", {}, copy))];
}
