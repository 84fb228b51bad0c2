# Sets values in files as a user of these libraries would: usage `peers.py <tool> <jobs.json>`, where a job is
# {file, document, path, value}. Prints the number of files that could not be edited.
import json, subprocess, sys

tool, jobs = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))


def ruamel(job):
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    with open(job["file"], encoding="utf-8", newline="") as file:
        documents = list(yaml.load_all(file))
    node = documents[job["document"]]
    for step in job["path"][:-1]:
        node = node[step]
    node[job["path"][-1]]  # What is not there is not made.
    node[job["path"][-1]] = job["value"]
    with open(job["file"], "w", encoding="utf-8", newline="") as file:
        yaml.dump_all(documents, file)


def yq(job):
    step = lambda step: f"[{json.dumps(step)}]"
    path = "." + "".join(map(step, job["path"]))
    program = f"{path} = {json.dumps(job['value'])}"
    if job["document"]:
        # Every document is an input of its own; the one that has the path is meant.
        program = f"if ({path})? then {program} else . end"
    subprocess.run([sys.executable, "-m", "yq", "-Y", "-i", program, job["file"]], check=True, capture_output=True)


failed = 0
for job in jobs:
    try:
        {"ruamel": ruamel, "yq": yq}[tool](job)
    except Exception:
        failed += 1
print(failed)
