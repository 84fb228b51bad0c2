const known = ["ROLE-TO-ASSUME", "AWS-REGION", "ROLE-DURATION-SECONDS"];
const problems = [];
for (const name of Object.keys(process.env).filter((name) => name.startsWith("INPUT_"))) {
  if (!known.includes(name.slice("INPUT_".length))) problems.push(`the input ${name} is not known`);
}
const { "INPUT_ROLE-TO-ASSUME": role, "INPUT_AWS-REGION": region } = process.env;
if (!/^arn:aws:iam::\d{12}:role\/.+/.test(role ?? "")) problems.push(`${role} is no ARN of a role`);
if (!/^[a-z]{2}-[a-z]+-\d$/.test(region ?? "")) problems.push(`${region} is no region`);
for (const problem of problems) console.log(`::error::${problem}`);
process.exitCode = problems.length ? 1 : 0;
