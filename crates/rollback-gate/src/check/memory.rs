//! `memory < 80%`: memory in use now, of the container's limit, else of the node's memory.

use super::{Kind, usage};
use crate::resource::{Resource, Scope, Source, Tells, Total};
use crate::size;

pub(super) const KIND: Kind =
    Kind { word: "memory", form: "memory < 80%", parse: |rest| usage::parse(&RESOURCE, rest) };

pub(crate) static RESOURCE: Resource = Resource {
    word: "memory",
    metric_input: "memory-metric",
    limit_input: Some(("memory-limit", size::bytes)),
    sources: &[
        Source {
            scope: Scope::Container,
            usage: "container_memory_working_set_bytes",
            tells: Tells::Used,
            only: None,
            over: &[],
            totals: &[
                Total::Gauge("container_spec_memory_limit_bytes"),
                Total::Resource("kube_pod_container_resource_limits", "memory"),
                Total::Gauge("machine_memory_bytes"),
            ],
        },
        Source {
            scope: Scope::Process,
            usage: "process_resident_memory_bytes",
            tells: Tells::Used,
            only: None,
            over: &[],
            totals: &[
                Total::Gauge("go_gc_gomemlimit_bytes"),
                Total::Gauge("machine_memory_bytes"),
                Total::Gauge("node_memory_MemTotal_bytes"),
            ],
        },
        // The heap of a JVM; its pools without a limit of their own show -1.
        Source {
            scope: Scope::Process,
            usage: "jvm_memory_used_bytes",
            tells: Tells::Used,
            only: Some(("area", "heap")),
            over: &["id", "pool"],
            totals: &[Total::Gauge("jvm_memory_max_bytes")],
        },
        Source {
            scope: Scope::Process,
            usage: "jvm_memory_bytes_used",
            tells: Tells::Used,
            only: Some(("area", "heap")),
            over: &[],
            totals: &[Total::Gauge("jvm_memory_bytes_max")],
        },
        Source {
            scope: Scope::Node,
            usage: "node_memory_MemAvailable_bytes",
            tells: Tells::Free,
            only: None,
            over: &[],
            totals: &[Total::Gauge("node_memory_MemTotal_bytes")],
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::super::usage::tests::told;
    use super::*;
    use crate::resource::Choice;

    #[test]
    fn memory_is_compared_with_the_limit_of_the_container_else_of_the_node() {
        let shop = "container_memory_working_set_bytes{container=\"shop\"}";
        let choose = |metric: &str| Choice { metric: Some(metric.parse().unwrap()), limit: None };
        let none = Choice::default;
        for (scrape, choice, expected) in [
            (
                format!("{shop} 5e8;container_spec_memory_limit_bytes{{container=\"shop\"}} 1e9;machine_memory_bytes 8e9"),
                none(),
                format!("50% of {shop} / container_spec_memory_limit_bytes"),
            ),
            // Nothing limits it.
            (
                format!("{shop} 5e8;container_spec_memory_limit_bytes{{container=\"shop\"}} 0;machine_memory_bytes 8e9"),
                none(),
                format!("6.25% of {shop} / machine_memory_bytes"),
            ),
            // The pod and its pause container stand beside the container.
            (
                format!("{shop} 5e8;container_memory_working_set_bytes{{container=\"\"}} 6e8;\
                         container_memory_working_set_bytes{{container=\"POD\"}} 1e6;\
                         kube_pod_container_resource_limits{{container=\"shop\",resource=\"memory\"}} 1e9;\
                         kube_pod_container_resource_limits{{container=\"shop\",resource=\"cpu\"}} 1"),
                none(),
                format!("50% of {shop} / kube_pod_container_resource_limits{{resource=\"memory\"}}"),
            ),
            (
                format!("{shop} 5e8;container_memory_working_set_bytes{{container=\"proxy\"}} 1e8;machine_memory_bytes 1e9"),
                none(),
                format!(
                    "more than one metric tells the memory: `container_memory_working_set_bytes{{container=\"proxy\"}} / machine_memory_bytes`, \
                     `{shop} / machine_memory_bytes`. name the one that is meant in the input `memory-metric`, with a label such as \
                     `{{container=\"shop\"}}` where that tells them apart"
                ),
            ),
            (
                format!("{shop} 5e8;container_memory_working_set_bytes{{container=\"proxy\"}} 1e8;machine_memory_bytes 1e9"),
                choose(shop),
                format!("50% of {shop} / machine_memory_bytes"),
            ),
            (
                "process_resident_memory_bytes 1e8;go_gc_gomemlimit_bytes 9.223372036854776e+18".into(),
                none(),
                "`process_resident_memory_bytes` is there, but neither a limit nor a total to compare it with".into(),
            ),
            (
                "process_resident_memory_bytes 1e8;go_gc_gomemlimit_bytes 4e8".into(),
                none(),
                "25% of process_resident_memory_bytes / go_gc_gomemlimit_bytes".into(),
            ),
            (
                "process_resident_memory_bytes 1e8".into(),
                Choice { metric: None, limit: Some(4e8) },
                "25% of process_resident_memory_bytes / 400000000".into(),
            ),
            (
                "jvm_memory_used_bytes{area=\"heap\",id=\"Eden\"} 1e8;jvm_memory_used_bytes{area=\"heap\",id=\"Old\"} 1e8;\
                 jvm_memory_used_bytes{area=\"nonheap\",id=\"Meta\"} 9e8;jvm_memory_max_bytes{area=\"heap\",id=\"Eden\"} -1;\
                 jvm_memory_max_bytes{area=\"heap\",id=\"Old\"} 8e8;jvm_memory_max_bytes{area=\"nonheap\",id=\"Meta\"} 1e9"
                    .into(),
                none(),
                "25% of jvm_memory_used_bytes{area=\"heap\"} / jvm_memory_max_bytes".into(),
            ),
            (
                "node_memory_MemAvailable_bytes 1e9;node_memory_MemTotal_bytes 4e9".into(),
                none(),
                "75% of node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes".into(),
            ),
            ("node_memory_MemAvailable_bytes NaN;node_memory_MemTotal_bytes 4e9".into(), none(), "no target tells its memory".into()),
        ] {
            assert_eq!(told(&RESOURCE, ["x 1", &scrape], &choice), expected, "{scrape}");
        }
    }
}
