//! Terraform and its relatives.

use serde_json::{Value, json};
use slipway_edit::Format;

use crate::{assert_all_pass_in, changes, refused, with};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

fn create(path: &str, value: impl Into<Value>) -> Value {
    with(set(path, value), "create", true)
}

fn delete(path: &str) -> Value {
    json!({"op": "delete", "path": path})
}

const SERVICE: &str = "resource \"aws_ecs_service\" \"web\" {\n  name          = \"web\" # name\n  desired_count = 2\n\n  # balancer\n  load_balancer {\n    port = 80\n  }\n  load_balancer {\n    port = 81\n  }\n}\n\nresource \"aws_ecs_service\" \"api\" {\n  name = \"api-${var.environment}\"\n  image = var.tag == \"\" ? \"a\" : \"b\"\n}\n";

#[test]
fn attributes_of_blocks_are_set_by_type_and_labels() {
    let web = "resource.aws_ecs_service.web";
    let of_web = |rest: &str| format!("{web}.{rest}");
    assert_all_pass_in(
        Format::HCL,
        &[
            changes(
                set(&of_web("name"), "w\"${x}"),
                SERVICE,
                &SERVICE.replace("\"web\" # name", "\"w\\\"$${x}\" # name"),
            ),
            changes(set(&of_web("desired_count"), "3"), SERVICE, &SERVICE.replace("= 2", "= 3")),
            changes(set(&of_web("desired_count"), 3), SERVICE, &SERVICE.replace("= 2", "= 3")),
            changes(set(&of_web("desired_count"), "many"), SERVICE, &SERVICE.replace("= 2", "= \"many\"")),
            changes(set(&of_web("load_balancer[1].port"), 82), SERVICE, &SERVICE.replace("81", "82")),
            changes(set(&of_web("load_balancer[port=\"80\"].port"), 90), SERVICE, &SERVICE.replace("80", "90")),
            refused(set(&of_web("load_balancer.port"), 82), SERVICE, "ambiguous-match"),
            refused(set("resource.aws_ecs_service.api.name", "x"), SERVICE, "shared-value"),
            refused(set("resource.aws_ecs_service.api.image", "x"), SERVICE, "shared-value"),
            refused(set("resource.aws_ecs_service.db.name", "x"), SERVICE, "path-not-found"),
            refused(set(web, "x"), SERVICE, "path-not-found"),
            changes(
                set("variable.tag.default", "1.10"),
                "variable \"tag\" {\r\n  type = string\r\n  default = \"1.9\" // d\r\n}\r\n",
                "variable \"tag\" {\r\n  type = string\r\n  default = \"1.10\" // d\r\n}\r\n",
            ),
            changes(set("a", "x"), "\u{feff}a = \"v\"", "\u{feff}a = \"x\""),
            changes(set("a", "x"), "a = null\n", "a = \"x\"\n"),
            changes(set("a", "false"), "a = true\n", "a = false\n"),
            changes(set("e", "y"), "e = <<-EOT\n    x\n    EOT\nf = 1\n", "e = <<-EOT\n    y\n    EOT\nf = 1\n"),
            changes(set("e", "y\n  z"), "e = <<EOT\nx\nEOT\n", "e = <<EOT\ny\n  z\nEOT\n"),
            refused(set("e", "a\nEOT\nb"), "e = <<EOT\nx\nEOT\n", "invalid-input"),
            refused(set("e", "y"), "e = <<EOT\nx ${y}\nEOT\n", "shared-value"),
            refused(set("a", "1"), "a = 1\na = 2\n", "duplicate-key"),
            refused(set("o.a", "1"), "o = { a = 1, \"a\" = 2 }\n", "duplicate-key"),
            refused(set("a", "1"), "a = \"x\n", "invalid-file"),
            refused(set("a", "1"), "a = [1\n", "invalid-file"),
            refused(set("a", "1"), &format!("a = {}", "[".repeat(100_000)), "invalid-file"),
            refused(set("a", "1"), &format!("a = {}", "(".repeat(100_000)), "invalid-file"),
            refused(set("a", "1"), &"b {\n".repeat(100_000), "invalid-file"),
            refused(set("a", "1"), &format!("a = \"{}", "${\"".repeat(100_000)), "invalid-file"),
        ],
    );
}

#[test]
fn attributes_blocks_and_entries_come_and_go() {
    let images = "images = {\n  api = \"a:1\" # api\n  web = \"w:1\"\n}\n";
    assert_all_pass_in(
        Format::HCL,
        &[
            changes(create("b", "x"), "a = 1 # a\n", "a = 1 # a\nb = \"x\"\n"),
            changes(create("b", "x"), "a = 1\r\n# end", "a = 1\r\nb = \"x\"\r\n# end"),
            changes(create("b.c", "x"), "", "b = { c = \"x\" }\n".replace("{ c = \"x\" }", "{c = \"x\"}").as_str()),
            changes(
                create("resource.aws_ecs_service.web.cpu", 256),
                SERVICE,
                &SERVICE.replace("= 2\n", "= 2\n  cpu = 256\n"),
            ),
            changes(create("variable.x.default", 1), "variable x {}\n", "variable x { default = 1 }\n"),
            changes(create("variable.x.default", 1), "variable x {\n}\n", "variable x {\n  default = 1\n}\n"),
            refused(create("resource.aws_ecs_service.db.cpu", 256), SERVICE, "invalid-input"),
            changes(create("images.db", "d:1"), images, &images.replace("w:1\"\n", "w:1\"\n  db = \"d:1\"\n")),
            changes(create("images.db", "d:1"), "images = { a = \"b\" }", "images = { a = \"b\", db = \"d:1\" }"),
            changes(delete("images.api"), images, &images.replace("  api = \"a:1\" # api\n", "")),
            changes(delete("images.a"), "images = { a = 1, b = 2 }\n", "images = { b = 2 }\n"),
            changes(delete("tags[0]"), "tags = [\"a\", \"b\"]\n", "tags = [\"b\"]\n"),
            changes(
                json!({"op": "append", "path": "tags", "value": "c"}),
                "tags = [\n  \"a\",\n]\n",
                "tags = [\n  \"a\",\n  \"c\",\n]\n",
            ),
            changes(
                delete("resource.aws_ecs_service.web.load_balancer[0]"),
                SERVICE,
                &SERVICE.replace("  # balancer\n  load_balancer {\n    port = 80\n  }\n", ""),
            ),
            changes(
                delete("resource.aws_ecs_service.api"),
                SERVICE,
                &SERVICE[..SERVICE.find("\nresource \"aws_ecs_service\" \"api\"").expect("there")],
            ),
            changes(delete("variable.x"), "a = 1\nvariable \"x\" {\n  default = 1\n}\n", "a = 1\n"),
            changes(delete("e"), "e = <<EOT\nx\nEOT\nf = 1\n", "f = 1\n"),
        ],
    );
}
