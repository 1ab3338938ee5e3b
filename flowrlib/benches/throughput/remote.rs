//! Jobs in workers: processes of their own, over loopback.

use crate::flows::{NAP, flow, median, median_rate, rate, report, wide};
use crate::workers::{Worker, security};
use flowrlib::program::Program;
use flowrlib::runner::RunConfig;
use std::thread;
use std::time::Duration;

/// A run whose jobs are all for the workers of a network.
fn config(network: &str, is_secured: bool) -> RunConfig {
    let network = network.to_owned();
    RunConfig { threads: 0, workers: true, network, trust: security(is_secured), ..RunConfig::default() }
}

/// A network that nobody else is on.
fn network(what: &str) -> String {
    format!("bench-{}-{what}", std::process::id())
}

/// Throughput, and the way there and back.
pub(crate) fn remote(cores: usize) {
    println!("remote, one worker with {cores} threads, ZeroMQ over loopback: secured, and in clear");
    let mut ways = [(true, "secured"), (false, "clear")].map(|(is_secured, name)| {
        let config = config(&network(name), is_secured);
        let worker = Worker::start(&config.network, name, cores, is_secured);
        // The first run waits until worker and runner have found each other.
        report(&flow(&["range"], 1, false), &config);
        (config, worker)
    });
    let both = |program: &Program| ways.each_ref().map(|(config, _)| median_rate(program, config));
    let tell = |what: &str, [secured, clear]: [f64; 2], to_hold: &str| {
        println!(
            "{what:<38} {secured:>10.0} jobs/s {clear:>10.0} jobs/s, {:>3.0} % (to hold: {to_hold})",
            100.0 * secured / clear
        );
    };
    tell("wide graph of tiny jobs", both(&wide()), "400000 jobs/s");
    let large = flow(&["range", "kilobyte", "echo", "echo"], 50_000, false);
    tell("wide graph of jobs of 1 KiB", both(&large), "75 %");
    let looped = flow(&["lap"], 3_000, true);
    let [secured, clear] = ways.each_mut().map(|(config, worker)| {
        median((0..5).map(|_| {
            report(&looped, config);
            worker.says() / 1e3
        }))
    });
    println!(
        "{:<38} {secured:>10.0} us     {clear:>10.0} us (to hold: 110)",
        "one job in flight, p50 there and back"
    );
}

/// One runner with one worker, and with many. They take turns, so that both have the same of what else the machine does.
pub(crate) fn crowd() {
    const CROWD: usize = 64;
    println!("remote, workers with one thread each on one runner, secured");
    let both = [1, CROWD].map(|count| {
        let config = config(&network(&format!("crowd-{count}")), true);
        let start = |number| Worker::start(&config.network, &format!("worker {number}"), 1, true);
        let workers: Vec<Worker> = (0..count).map(start).collect();
        // Until they have found each other.
        median_rate(&flow(&["range", "spin"], 20_000, false), &config);
        (config, workers)
    });
    let tiny = flow(&["range", "increment", "increment", "increment"], 1_000_000, false);
    let pairs: Vec<[f64; 2]> =
        (0..7).map(|_| both.each_ref().map(|(config, _)| rate(&tiny, config))).collect();
    let [one, many] = [0, 1].map(|place| median(pairs.iter().filter_map(|pair| pair.get(place).copied())));
    let ratio = 100.0 * median(pairs.iter().map(|[one, many]| many / one));
    println!(
        "{:<38} {one:>10.0} jobs/s {many:>10.0} jobs/s, {ratio:>3.0} % (to hold: 90 %)",
        format!("one and {CROWD} workers")
    );
}

/// What it costs that a worker is lost that has jobs, over what the other takes alone.
pub(crate) fn lost() {
    println!("remote, two workers with one thread each, jobs of {} ms; one worker is lost", NAP.as_millis());
    let program = flow(&["range", "nap"], 40, false);
    let config = config(&network("lost"), true);
    let seconds = |workers| {
        let report = report(&program, &config);
        assert_eq!(report.executors.len(), workers, "all of them take part");
        report.elapsed.as_secs_f64()
    };
    let _stays = Worker::start(&config.network, "stays", 1, true);
    let alone = median((0..3).map(|_| seconds(1)));
    let mut worst = [0.0_f64; 2];
    for (worst, is_killed) in worst.iter_mut().zip([false, true]) {
        for _ in 0..3 {
            let suffers = Worker::start(&config.network, "suffers", 1, true);
            let has_joined = (0..20).any(|_| report(&program, &config).executors.len() == 2);
            assert!(has_joined, "runner and worker find each other");
            let time = thread::scope(|scope| {
                scope.spawn(|| {
                    // By then both have jobs, and many are left.
                    thread::sleep(Duration::from_millis(150));
                    if is_killed { suffers.kill() } else { suffers.freeze() }
                });
                seconds(2)
            });
            *worst = worst.max(time - alone);
        }
    }
    let [frozen, killed] = worst;
    println!(
        "{:<38} {frozen:>10.2} s      {killed:>10.2} s (to hold: {:.2})",
        "longer: frozen, killed; worst of three",
        3.0 + NAP.as_secs_f64()
    );
}
