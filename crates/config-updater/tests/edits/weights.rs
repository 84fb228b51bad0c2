//! Traffic weights, by the very entries that the README shows.

use crate::changes::written;

const ISTIO: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop }
spec:
  hosts: [shop]
  http:
    - route:
        - destination: { host: shop, subset: stable }
          weight: 100 # what is left
        - destination:
            host: shop
            subset: canary
          weight: 0
";

const GATEWAY: &str = "\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
spec:
  rules:
    - backendRefs:
        - { name: shop, port: 8080, weight: 100 }
        - name: shop-canary
          port: 8080
          weight: 0
";

const ROLLOUT: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
spec:
  strategy:
    canary:
      steps:
        - setWeight: 5
        - pause: { duration: 10m }
        - setWeight: 50
";

#[test]
fn weights_are_set_by_the_entries_of_the_readme() {
    let readme = std::fs::read_to_string(testbed::workspace().join("actions/config-updater/README.md")).unwrap();
    let entries: Vec<&str> = readme
        .split('`')
        .filter(|span| span.contains(".yaml#spec.") && (span.contains("weight=") || span.contains("setWeight=")))
        .collect();
    let files = [("istio.yaml", ISTIO), ("route.yaml", GATEWAY), ("rollout.yaml", ROLLOUT)];
    assert_eq!(entries.len(), files.len(), "{entries:?}");
    let (folder, run) = written(&files, &[("values", &entries.join("\n"))]);
    assert_eq!((run.code, run.output("files")), (0, "istio.yaml\nrollout.yaml\nroute.yaml"), "{}", run.stdout);
    for (name, expected) in [
        ("istio.yaml", ISTIO.replace("weight: 0", "weight: 10")),
        ("route.yaml", GATEWAY.replace("weight: 0", "weight: 10")),
        ("rollout.yaml", ROLLOUT.replace("setWeight: 5\n", "setWeight: 20\n")),
    ] {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), expected, "{name}");
    }
}

#[test]
fn a_selector_that_fits_no_route_or_two_says_which_there_are() {
    let twice = ISTIO.replace("subset: stable", "subset: canary");
    for (content, subset, parts) in [
        (ISTIO, "canray", &["`istio.yaml`: ", "no item with `destination.subset: canray`", "`canary`, `stable`"][..]),
        (&*twice, "canary", &["two items with `destination.subset: canary`, at lines 8 and 10"]),
    ] {
        let value = format!("istio.yaml#spec.http[0].route[destination.subset={subset}].weight=10");
        let (folder, run) = written(&[("istio.yaml", content)], &[("values", &value)]);
        assert_eq!(run.code, 2);
        assert!(parts.iter().all(|part| run.stdout.contains(part)), "{}", run.stdout);
        assert_eq!(std::fs::read_to_string(folder.path().join("istio.yaml")).unwrap(), content);
    }
    let path = r#"["spec", "http", 0, "route", {"destination": {"subset": "canary"}}, "weight"]"#;
    let changes = format!("- {{file: istio.yaml, op: set, path: {path}, value: 7}}");
    let (folder, run) = written(&[("istio.yaml", ISTIO)], &[("changes", &changes)]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let found = std::fs::read_to_string(folder.path().join("istio.yaml")).unwrap();
    assert_eq!(found, ISTIO.replace("weight: 0", "weight: 7"));
}
