//! Charts and manifests of the shapes that public repositories have, the same ones in every run.

use std::fmt::Write;

/// A file with one value to be set in it.
pub(super) struct Sample {
    /// Its name, unique among the samples.
    pub name: String,
    /// The document of the file that the value is in.
    pub document: usize,
    /// Where it stands, as keys and positions: `spec.containers[0].image`.
    pub path: Vec<Step>,
    /// What it becomes.
    pub value: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone)]
pub(super) enum Step {
    Key(&'static str),
    Index(usize),
}

use Step::{Index, Key};

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len() as u64) as usize]
    }
}

/// How a person of some habits writes YAML.
struct Habits {
    /// Before the dash of a list item, deeper than its key.
    list: &'static str,
    quote: &'static str,
    comment: String,
    blank: &'static str,
    separator: &'static str,
}

impl Habits {
    fn of(dice: &mut Dice) -> Self {
        let gap = dice.one_of(&[" ", "  ", "    ", "\t"]);
        let comment =
            dice.one_of(&["", "", "# keep", "# renovate: depName=acme/shop", "#no space", "# é – ünïcode 🚀"]);
        Self {
            list: dice.one_of(&["", "  "]),
            quote: dice.one_of(&["", "", "\"", "'"]),
            comment: if comment.is_empty() { String::new() } else { format!("{gap}{comment}") },
            blank: dice.one_of(&["", "", "\n", "\n\n", "   \n"]),
            separator: dice.one_of(&[" ", " ", " ", "  ", "    "]),
        }
    }
}

/// A shape: what it is called, where its value stands, and its text with `@@` in the place of the value.
type Shape = (&'static str, usize, &'static [Step], fn(&Habits, &mut Dice) -> String);

const SHAPES: &[Shape] = &[
    ("deployment", 1, &CONTAINER, deployment),
    ("values", 0, &[Key("web"), Key("image"), Key("tag")], values),
    ("kustomization", 0, &[Key("images"), Index(1), Key("newTag")], kustomization),
    ("release", 0, &[Key("spec"), Key("values"), Key("image"), Key("tag")], release),
    (
        "application",
        0,
        &[Key("spec"), Key("source"), Key("helm"), Key("parameters"), Index(0), Key("value")],
        application,
    ),
    ("rollout", 0, &CONTAINER, rollout),
    ("compose", 0, &[Key("services"), Key("web"), Key("image")], compose),
    ("chart", 0, &[Key("appVersion")], chart),
    ("flow", 0, &[Key("shop"), Key("image"), Key("tag")], flow),
    ("cronjob", 0, &JOB, cronjob),
];
const CONTAINER: [Step; 6] = [Key("spec"), Key("template"), Key("spec"), Key("containers"), Index(0), Key("image")];
const JOB: [Step; 8] = [
    Key("spec"),
    Key("jobTemplate"),
    Key("spec"),
    Key("template"),
    Key("spec"),
    Key("containers"),
    Index(0),
    Key("image"),
];

/// So many samples, the shapes in turn.
pub(super) fn samples(count: usize) -> Vec<Sample> {
    let mut dice = Dice(20_261_126);
    (0..count)
        .map(|number| {
            let (shape, document, path, write) = &SHAPES[number % SHAPES.len()];
            let habits = Habits::of(&mut dice);
            let mut text = write(&habits, &mut dice);
            match dice.roll(12) {
                0 => text = text.replace('\n', "\r\n"),
                1 => text = format!("\u{feff}{text}"),
                2 => text.truncate(text.trim_end().len()),
                _ => {}
            }
            let is_image = matches!(path.last(), Some(Key("image")));
            let value =
                |version: &str| if is_image { format!("ghcr.io/acme/shop:{version}") } else { version.to_owned() };
            let [before, after] = ["1.4.2", "1.5.0-rc.1"].map(value);
            Sample {
                name: format!("{number:03}-{shape}.yaml"),
                document: *document,
                path: path.to_vec(),
                before: text.replace("@@", &before),
                after: text.replace("@@", &after),
                value: after,
            }
        })
        .collect()
}

fn deployment(habits: &Habits, dice: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    let mode = dice.one_of(&["0644", "0755", "420"]);
    format!(
        "# the service\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: shop}}\n---\napiVersion: apps/v1\n\
         kind: Deployment\nmetadata:\n  name: shop\n  annotations:\n    on: \"no\"\n    since: 2026-11-26\n{blank}spec:\n  replicas: 3\n  \
         template:\n    spec:\n      containers:\n      {list}- name: shop\n      {list}  image:{separator}{quote}@@{quote}{comment}\n      \
         {list}  args: [\"--level\",   'info' , --x=1]\n      {list}  command:\n      {list}    - sh\n      {list}    - -c\n      \
         {list}    - |\n      {list}      # not a comment\n      {list}      echo \"é\"   \n\n      {list}      exec shop\n      volumes:\n      \
         {list}- name: x\n      {list}  configMap: {{name: x, defaultMode: {mode}}}\n"
    )
}

fn values(habits: &Habits, dice: &mut Dice) -> String {
    let Habits { quote, comment, blank, separator, list } = habits;
    let mut text = format!(
        "## @section Global\n##\nglobal:\n  imageRegistry: \"\"\n  ## E.g.\n  ## imagePullSecrets:\n  ##   - myKey\n  imagePullSecrets: []\n\
         {blank}web:\n  image:\n    repository: ghcr.io/acme/shop\n    tag:{separator}{quote}@@{quote}{comment}\n    pullPolicy: IfNotPresent\n  \
         extra: ~\n  empty:\n  ratio: 1.10\n  enabled: yes\n  size: 1_000\n"
    );
    for number in 0..dice.roll(30) {
        let _ =
            write!(text, "{blank}component{number}:\n  port:   {}\n  hosts:\n  {list}- 'a.example'\n", 8000 + number);
    }
    text
}

fn kustomization(habits: &Habits, _: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{list}- ../../base   # shared\n{blank}images:\n\
         # first\n{list}- name: acme/other\n{list}  newTag: '7'\n{list}- newTag:{separator}{quote}@@{quote}{comment}\n{list}  name: acme/shop\n\
         {blank}patches:\n{list}- patch: |-\n{list}    - op: replace\n{list}      path: /spec/replicas\n\n{list}      value: 2\n"
    )
}

fn release(habits: &Habits, dice: &mut Dice) -> String {
    let Habits { quote, comment, blank, separator, .. } = habits;
    let interval = dice.one_of(&["5m", "1h", "10m0s"]);
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{ name: shop,   namespace: shop }}\n{blank}spec:\n  interval: {interval}\n  \
         values:\n    image:\n      repository: ghcr.io/acme/shop\n      tag:{separator}{quote}@@{quote}{comment}\n    affinity: {{}}\n    note: >-\n      \
         folded text that\n      goes on\n\n      and on\n    list: [ 1,2 ,  3 ]\n"
    )
}

fn application(habits: &Habits, _: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      parameters:\n      {list}- name: image.tag\n      \
         {list}  value:{separator}{quote}@@{quote}{comment}\n      {list}- {{name: replicas, value: \"2\"}}\n{blank}      values: |\n        # inner\n        a:   1\n  \
         syncPolicy:\n    automated: {{ prune: true, selfHeal:   true }}\n"
    )
}

fn rollout(habits: &Habits, _: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  strategy:\n    canary:\n      steps:\n      {list}- setWeight: 10\n      {list}- pause: {{}}\n\
         {blank}  template:\n    spec:\n      containers:\n      {list}- image:{separator}{quote}@@{quote}{comment}\n      {list}  name: shop\n      \
         {list}  env:\n      {list}  - {{name: A, value: \"{{{{ x }}}}\"}}\n"
    )
}

fn compose(habits: &Habits, _: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    format!(
        "x-common: &common\n  restart: unless-stopped\n  environment: &env\n    TZ: Europe/Berlin\n{blank}services:\n  web:\n    <<: *common\n    \
         image:{separator}{quote}@@{quote}{comment}\n    ports:\n    {list}- 8080:80\n    {list}- \"127.0.0.1:22:22\"\n  db:\n    <<: *common\n    \
         environment: {{<<: *env, PGDATA: /data}}\n    image: postgres:16\nvolumes:\n  data:\n"
    )
}

fn chart(habits: &Habits, _: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    format!(
        "apiVersion: v2\nname: shop\ndescription: >\n  A shop.\nversion: 0.10.0\nappVersion:{separator}{quote}@@{quote}{comment}\n{blank}dependencies:\n\
         {list}- name: postgresql\n{list}  version: ~13.2.0\n{list}  repository: \"@bitnami\"\nmaintainers: [{{name: a, email: a@example.com}}]\n"
    )
}

fn flow(habits: &Habits, _: &mut Dice) -> String {
    let Habits { quote, comment, blank, .. } = habits;
    format!(
        "shop: {{ image: {{repository: ghcr.io/acme/shop,   tag: {quote}@@{quote} }}, replicas: 2 }}{comment}\n{blank}cart: {{image: {{repository: c, tag: v1}},\n       \
         # within\n       replicas: 1}}\n"
    )
}

fn cronjob(habits: &Habits, dice: &mut Dice) -> String {
    let Habits { list, quote, comment, blank, separator } = habits;
    let schedule = dice.one_of(&["\"0 3 * * *\"", "'*/5 * * * *'", "0 0 * * 0"]);
    format!(
        "%YAML 1.1\n---\napiVersion: batch/v1\nkind: CronJob\nspec:\n  schedule: {schedule}\n{blank}  jobTemplate:\n    spec:\n      template:\n        spec:\n          \
         containers:\n          {list}- name: job\n          {list}  image:{separator}{quote}@@{quote}{comment}\n          restartPolicy: Never\n...\n"
    )
}
