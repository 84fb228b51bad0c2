//! `disk < 85%`: disk space in use now, of the container's limit, else of the node's file system.

use super::{Kind, usage};
use crate::resource::{Resource, Scope, Source, Tells, Total};

pub(super) const KIND: Kind = Kind { word: "disk", form: "disk < 85%", parse: |rest| usage::parse(&RESOURCE, rest) };

pub(crate) static RESOURCE: Resource = Resource {
    word: "disk",
    metric_input: "disk-metric",
    limit_input: None,
    sources: &[
        Source {
            scope: Scope::Container,
            usage: "container_fs_usage_bytes",
            tells: Tells::Used,
            only: None,
            over: &[],
            totals: &[
                Total::Resource("kube_pod_container_resource_limits", "ephemeral_storage"),
                Total::Gauge("container_fs_limit_bytes"),
            ],
        },
        Source {
            scope: Scope::Container,
            usage: "kubelet_volume_stats_used_bytes",
            tells: Tells::Used,
            only: None,
            over: &[],
            totals: &[Total::Gauge("kubelet_volume_stats_capacity_bytes")],
        },
        // Micrometer: the file system that the process works in.
        Source {
            scope: Scope::Process,
            usage: "disk_free_bytes",
            tells: Tells::Free,
            only: None,
            over: &[],
            totals: &[Total::Gauge("disk_total_bytes")],
        },
        Source {
            scope: Scope::Node,
            usage: "node_filesystem_avail_bytes",
            tells: Tells::Free,
            only: None,
            over: &[],
            totals: &[Total::Gauge("node_filesystem_size_bytes")],
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::super::usage::tests::told;
    use super::*;
    use crate::resource::Choice;

    #[test]
    fn disk_space_is_compared_with_the_limit_of_the_container_else_of_the_node() {
        const TWO: &str = "node_filesystem_avail_bytes{fstype=\"ext4\",mountpoint=\"/\"} 25;\
                           node_filesystem_size_bytes{fstype=\"ext4\",mountpoint=\"/\"} 100;\
                           node_filesystem_avail_bytes{fstype=\"xfs\",mountpoint=\"/data\"} 5;\
                           node_filesystem_size_bytes{fstype=\"xfs\",mountpoint=\"/data\"} 50;\
                           node_filesystem_avail_bytes{fstype=\"tmpfs\",mountpoint=\"/run\"} 0;\
                           node_filesystem_size_bytes{fstype=\"tmpfs\",mountpoint=\"/run\"} 9";
        let data =
            Choice { metric: Some("node_filesystem_avail_bytes{mountpoint=\"/data\"}".parse().unwrap()), limit: None };
        for (scrape, choice, expected) in [
            (
                "container_fs_usage_bytes{container=\"shop\"} 9;container_fs_limit_bytes{container=\"shop\"} 10",
                Choice::default(),
                "90% of container_fs_usage_bytes{container=\"shop\"} / container_fs_limit_bytes",
            ),
            (
                "disk_free_bytes{path=\"/\"} 1;disk_total_bytes{path=\"/\"} 4",
                Choice::default(),
                "75% of disk_free_bytes{path=\"/\"} / disk_total_bytes",
            ),
            (
                TWO,
                data,
                "90% of node_filesystem_avail_bytes{fstype=\"xfs\",mountpoint=\"/data\"} / node_filesystem_size_bytes",
            ),
            ("process_open_fds 5", Choice::default(), "no target tells its disk"),
        ] {
            assert_eq!(told(&RESOURCE, ["x 1", scrape], &choice), expected, "{scrape}");
        }
        let several = told(&RESOURCE, ["x 1", TWO], &Choice::default());
        assert!(
            several.starts_with("more than one metric tells the disk: ") && !several.contains("tmpfs"),
            "{several}"
        );
    }
}
