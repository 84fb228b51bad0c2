//! The proxies beside nginx, with the files that `host/proxies` writes for them.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testbed::{Load, RegistryTools, Release};

use super::world::{World, free_ports, version, wait_for};

/// How a proxy is run for a test, each request a connection of its own: its settings, and a shell's commands with the folder as `$1`, two ports as `$2` and `$3`.
struct Proxy {
    name: &'static str,
    /// The file that is docker-host's.
    file: &'static str,
    /// What stands there before the first deployment.
    before: &'static str,
    settings: &'static str,
    run: &'static str,
    check: &'static str,
    reload: &'static str,
}

const PROXIES: &[Proxy] = &[
    Proxy {
        name: "caddy",
        file: "own/shop.caddy",
        before: "(shop) {\n\trespond 503\n}\n",
        settings: "{\n\tadmin 127.0.0.1:$3\n\tauto_https off\n}\nimport $1/own/*.caddy\n\
                   http://127.0.0.1:$2 {\n\theader Connection close\n\timport shop\n}\n",
        run: "caddy run --config $1/settings --adapter caddyfile",
        check: "caddy validate --config $1/settings --adapter caddyfile",
        reload: "caddy reload --config $1/settings --adapter caddyfile --address 127.0.0.1:$3",
    },
    Proxy {
        name: "haproxy",
        file: "own/shop.cfg",
        before: "backend shop\n    server shop 127.0.0.1:9\n",
        settings: "defaults\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n    \
                   option httpclose\nfrontend users\n    bind 127.0.0.1:$2\n    default_backend shop\n",
        run: "haproxy -W -db -q -p $1/pid -f $1/settings -f $1/own",
        check: "haproxy -c -q -f $1/settings -f $1/own",
        reload: "kill -USR2 $(cat $1/pid)",
    },
];

/// A proxy that runs, ended with what it started.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[test]
fn caddy_and_haproxy_lose_no_request_either() {
    for proxy in PROXIES {
        let test = format!("docker-host behind {}", proxy.name);
        let Some(tools) = RegistryTools::find(&test) else { return };
        let Some(world) = World::new(&test) else { return };
        let folder = world.directory.path().join("proxy");
        fs::create_dir_all(folder.join("own")).unwrap();
        let [port, other] = free_ports().map(|port| port.to_string());
        let written =
            |text: &str| text.replace("$1", folder.to_str().unwrap()).replace("$2", &port).replace("$3", &other);
        fs::write(folder.join("settings"), written(proxy.settings)).unwrap();
        fs::write(folder.join(proxy.file), proxy.before).unwrap();
        let _running = start(&tools, proxy.name, &written(proxy.run), &folder);
        let url = format!("http://127.0.0.1:{port}");

        let (file, check) = (folder.join(proxy.file), written(proxy.check));
        let reload = written(proxy.reload);
        let options = [
            ("--proxy", proxy.name),
            ("--proxy-file", file.to_str().unwrap()),
            ("--check-command", &check),
            ("--reload-command", &reload),
        ];
        let connected = world.connect(&world.ssh.known_hosts(), &options);
        assert!(connected.succeeded, "{connected:?}");
        world.deploy(&Release::version("1.4.0"));
        wait_for("the first release", Duration::from_secs(10), || version(&url) == "1.4.0");
        let users = Load::start(&url, 200.0, Duration::from_secs(600)).unwrap();
        let image = world.deploy(&Release { latency_ms: 20, ..Release::version("1.5.0") });
        assert_eq!((version(&url).as_str(), world.running()), ("1.5.0", vec!["1.5.0".to_owned()]));
        let back = world.run("switch", &[], &[("SLIPWAY_IMAGES", image.as_str()), ("SLIPWAY_WEIGHT", "0")]);
        assert!(back.succeeded, "{back:?}");
        wait_for("the release before", Duration::from_secs(10), || version(&url) == "1.4.0");
        // What the proxy does not take changes nothing.
        let refusing =
            world.connect(&world.ssh.known_hosts(), &[&options[..2], &[("--check-command", "false")]].concat());
        assert!(refusing.succeeded, "{refusing:?}");
        let before = fs::read_to_string(&file).unwrap();
        let refused = world.run("switch", &[("--image", &image)], &[]);
        assert!(!refused.succeeded && refused.errors.contains("the users stay where they are"), "{refused:?}");
        assert_eq!((fs::read_to_string(&file).unwrap(), version(&url).as_str()), (before, "1.4.0"));
        let seen = users.stop();
        println!("{}: {:?}, {} lost", proxy.name, seen.by_status, seen.transport_errors);
        assert_eq!(
            (seen.succeeded(), seen.transport_errors),
            (seen.requests(), 0),
            "{}: {:?}",
            proxy.name,
            seen.by_status
        );
    }
}

fn start(tools: &RegistryTools, name: &str, command: &str, folder: &Path) -> Running {
    let found = tools.command(name);
    let mut shell = Command::new("sh");
    for (name, value) in found.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        shell.env(name, value);
    }
    let output = fs::File::create(folder.join("output")).unwrap();
    shell.args(["-c", &format!("exec {command}")]).env("HOME", folder).stdin(Stdio::null());
    shell.stdout(output.try_clone().unwrap()).stderr(output);
    Running(shell.spawn().unwrap())
}
