//! `cpu < 70%`: processor time, on average since the first look, of the container's limit, else of the node's processors.

use super::{Kind, usage};
use crate::resource::{Resource, Scope, Source, Tells, Total};
use crate::size;

pub(super) const KIND: Kind = Kind { word: "cpu", form: "cpu < 70%", parse: |rest| usage::parse(&RESOURCE, rest) };

pub(crate) static RESOURCE: Resource = Resource {
    word: "cpu",
    metric_input: "cpu-metric",
    limit_input: Some(("cpu-limit", size::processors)),
    sources: &[
        // cAdvisor, and with it the kubelet.
        Source {
            scope: Scope::Container,
            usage: "container_cpu_usage_seconds_total",
            tells: Tells::Seconds,
            only: None,
            over: &["cpu"],
            totals: &[
                Total::Quotient("container_spec_cpu_quota", "container_spec_cpu_period"),
                Total::Resource("kube_pod_container_resource_limits", "cpu"),
                Total::Gauge("machine_cpu_cores"),
            ],
        },
        // The clients of Go, Python, Node and Java; Go and the JVM know the limit of their container.
        Source {
            scope: Scope::Process,
            usage: "process_cpu_seconds_total",
            tells: Tells::Seconds,
            only: None,
            over: &[],
            totals: &[
                Total::Gauge("go_sched_gomaxprocs_threads"),
                Total::Gauge("system_cpu_count"),
                Total::Gauge("machine_cpu_cores"),
                Total::Processors("node_cpu_seconds_total"),
            ],
        },
        // Micrometer: a share of the processors that the JVM may use.
        Source {
            scope: Scope::Process,
            usage: "process_cpu_usage",
            tells: Tells::Share,
            only: None,
            over: &[],
            totals: &[],
        },
        Source {
            scope: Scope::Node,
            usage: "node_cpu_seconds_total",
            tells: Tells::Idle,
            only: None,
            over: &["cpu", "mode"],
            totals: &[],
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::super::usage::tests::told;
    use super::*;
    use crate::resource::Choice;

    #[test]
    fn processor_time_is_compared_with_the_limit_of_the_container_else_of_the_node() {
        let limit = |limit: f64| Choice { metric: None, limit: Some(limit) };
        let none = Choice::default;
        for (before, after, choice, expected) in [
            (
                "process_cpu_seconds_total 3",
                "process_cpu_seconds_total 8;go_sched_gomaxprocs_threads 2",
                none(),
                "25% of process_cpu_seconds_total / go_sched_gomaxprocs_threads",
            ),
            (
                "process_cpu_seconds_total 3",
                "process_cpu_seconds_total 8",
                limit(0.5),
                "100% of process_cpu_seconds_total / 0.5",
            ),
            (
                "process_cpu_seconds_total 3",
                "process_cpu_seconds_total 8",
                none(),
                "`process_cpu_seconds_total` is there, but neither a limit nor a total to compare it with",
            ),
            ("x 1", "x 1", none(), "no target tells its cpu"),
            (
                "container_cpu_usage_seconds_total{container=\"shop\",cpu=\"total\"} 1",
                "container_cpu_usage_seconds_total{container=\"shop\",cpu=\"total\"} 6;machine_cpu_cores 8;\
                 container_spec_cpu_quota{container=\"shop\"} 100000;container_spec_cpu_period{container=\"shop\"} 100000",
                none(),
                "50% of container_cpu_usage_seconds_total{container=\"shop\"} / (container_spec_cpu_quota / container_spec_cpu_period)",
            ),
            (
                "container_cpu_usage_seconds_total{container=\"shop\",cpu=\"cpu0\"} 1",
                "container_cpu_usage_seconds_total{container=\"shop\",cpu=\"cpu0\"} 6;machine_cpu_cores 8;\
                 container_spec_cpu_quota{container=\"shop\"} -1;container_spec_cpu_period{container=\"shop\"} 100000",
                none(),
                "6.25% of container_cpu_usage_seconds_total{container=\"shop\"} / machine_cpu_cores",
            ),
            ("x 1", "process_cpu_usage 0.25;system_cpu_count 4", none(), "25% of process_cpu_usage"),
            (
                "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 10;node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 10",
                "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 14;node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 16",
                none(),
                "60% of node_cpu_seconds_total",
            ),
            (
                "process_cpu_seconds_total 0;node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 10;node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 1",
                "process_cpu_seconds_total 5;node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 20;node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 11",
                none(),
                "25% of process_cpu_seconds_total / the processors of node_cpu_seconds_total",
            ),
        ] {
            assert_eq!(told(&RESOURCE, [before, after], &choice), expected, "{after}");
        }
    }
}
