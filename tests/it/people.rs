//! People decide: the service as a process of its own, killed and started again, and the commands around it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::project::Project;

/// A service that runs; killed when it goes out of sight.
struct Service {
    child: Child,
    address: String,
}

impl Service {
    fn start(project: &Project) -> Self {
        Self::of(project.command("serve --listen 127.0.0.1:0 --requests 100000"))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.split("http://").nth(1).unwrap_or(&line);
        let address = address.split('/').next().unwrap().to_owned();
        // Nobody reads on, but a closed pipe would be an error.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Sends a request; None if the service died over it.
    fn try_ask(
        &self,
        (method, path): (&str, &str),
        token: &str,
        key: &str,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let body = body.to_string();
        let key = if key.is_empty() { String::new() } else { format!("idempotency-key: {key}\r\n") };
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n{key}\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split("\r\n\r\n").nth(1)?;
        Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
    }

    fn ask(&self, what: (&str, &str), token: &str, body: &Value) -> Value {
        let (status, answer) = self.try_ask(what, token, "", body).unwrap();
        assert!((200..300).contains(&status), "{what:?}: {status} {answer}");
        answer
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // SIGKILL, on purpose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn user(project: &Project, name: &str, role: &str) -> String {
    let run = project.run(&format!("user add {name} --role {role} --json"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let added: Value = serde_json::from_str(&run.stdout).unwrap();
    added["token"].as_str().unwrap().into()
}

/// Adds items with two responses each, and tasks to choose; returns the ids of the responses.
fn ask_for(service: &Service, admin: &str, count: usize) -> Vec<Value> {
    let item = |n: usize| {
        json!({
            "name": format!("n{n}"),
            "prompt": [{"role": "user", "content": format!("Question {n}?")}],
            "responses": [{"text": format!("Yes, {n}.")}, {"text": format!("No, {n}.")}],
        })
    };
    let items: Vec<Value> = (0..count).map(item).collect();
    let added = service.ask(("POST", "/items"), admin, &json!({ "items": items }));
    let items = added["items"].as_array().unwrap().clone();
    let task = |item: &Value| json!({"kind": "choose", "item": item["id"], "responses": item["responses"]});
    let tasks: Vec<Value> = items.iter().map(task).collect();
    service.ask(("POST", "/tasks"), admin, &json!({ "tasks": tasks }));
    items.into_iter().map(|item| item["responses"].clone()).collect()
}

/// The service is killed again and again while people decide; what they send again counts once.
#[test]
fn a_killed_service_loses_and_doubles_nothing() {
    let project = Project::new();
    let admin = user(&project, "root", "admin");
    // Reviewers are not told how many labels come of an answer, curators are.
    let people: Vec<String> = (0..4).map(|n| user(&project, &format!("p{n}"), "curator")).collect();
    let mut service = Service::start(&project);
    ask_for(&service, &admin, 80);
    let mut unsure: Vec<(String, String, Value)> = vec![];
    let mut done = 0;
    for round in 0..6 {
        let deciding = people.iter().enumerate().map(|(n, token)| {
            let (service, again) = (&service, unsure.iter().filter(|(who, ..)| who == token).cloned());
            let again: Vec<_> = again.collect();
            move || decide_until_it_dies(service, token, again, round * 100 + n)
        });
        let found: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = deciding.map(|work| scope.spawn(work)).collect();
            running.into_iter().map(|work| work.join().unwrap()).collect()
        });
        unsure = found.iter().flat_map(|(_, unsure)| unsure.clone()).collect();
        done += found.iter().map(|(sure, _)| sure).sum::<usize>();
        service = Service::start(&project);
    }
    // Whoever does not know whether the last word arrived says it again.
    for (token, key, body) in &unsure {
        let (status, answer) = service.try_ask(("POST", "/labels"), token, key, body).unwrap();
        assert!(status < 300 || answer["code"] == "lease_lost", "{status} {answer}");
        done += answer["labels"].as_u64().unwrap_or(0) as usize;
    }
    drop(service);
    let run = project.run("label export labels.jsonl --json");
    let exported: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(exported["labels"], json!(done), "{}", run.stderr);
    let lines = project.read("labels.jsonl");
    let mut pairs: Vec<String> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["item"].to_string()).collect();
    pairs.sort();
    pairs.dedup();
    assert_eq!(pairs.len(), done, "every pair has one label");
    let run = project.run("audit log");
    assert_eq!(run.code, 0, "{}", run.stdout);
}

/// Decides one task after the other, and kills the service after some; returns what it knows to be kept, and what not.
fn decide_until_it_dies(
    service: &Service,
    token: &str,
    again: Vec<(String, String, Value)>,
    seed: usize,
) -> (usize, Vec<(String, String, Value)>) {
    // What is asked again the other way round is no label.
    let labels_of = |answer: &Value| answer["labels"].as_u64().unwrap_or(0) as usize;
    let (mut sure, mut unsure) = (0, vec![]);
    let kill = |at: usize| {
        if seed % 100 == 1 && at == 3 + seed % 5 {
            let _ = Command::new("kill").args(["-9", &service.child.id().to_string()]).status();
        }
    };
    let mut send = |key: String, body: Value| match service.try_ask(("POST", "/labels"), token, &key, &body) {
        Some((status, answer)) if status < 300 => {
            sure += labels_of(&answer);
            true
        }
        Some(_) => true,
        None => {
            unsure.push((token.to_owned(), key, body));
            false
        }
    };
    for (_, key, body) in again {
        send(key, body);
    }
    for at in 0..1000 {
        kill(at);
        let key = format!("c{seed}-{at}");
        let Some((_, answer)) = service.try_ask(("POST", "/tasks/claim"), token, &key, &json!({})) else {
            break;
        };
        let lease = &answer["leases"][0];
        if lease.is_null() {
            break;
        }
        let answer = json!({"kind": "choose", "choice": if at % 2 == 0 { "left" } else { "right" }});
        let body = json!({"task": lease["task"], "token": lease["token"], "answer": answer});
        if !send(format!("d{seed}-{at}"), body) {
            break;
        }
    }
    (sure, unsure)
}

/// A disk that is full refuses; what was confirmed before is kept, and nothing else.
#[test]
#[cfg(unix)]
fn a_full_disk_keeps_what_was_confirmed() {
    let project = Project::new();
    let admin = user(&project, "root", "admin");
    let service = Service::start(&project);
    ask_for(&service, &admin, 120);
    drop(service);
    // A limit on the size of files stands for the disk; blocks are of 512 bytes.
    let full = std::fs::metadata(project.path().join("store.db")).unwrap().len() / 512 + 100;
    let limited = format!("trap '' XFSZ; ulimit -f {full}; exec \"$0\" serve --listen 127.0.0.1:0");
    let command = project.command("");
    let program = command.get_program().to_owned();
    let mut shell = Command::new("sh");
    shell.args(["-c", &limited]).arg(program).current_dir(project.path());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let service = Service::of(shell);
    let (mut confirmed, mut refused) = (0, 0);
    for at in 0..120 {
        let Some((_, answer)) = service.try_ask(("POST", "/tasks/claim"), &admin, "", &json!({})) else {
            break;
        };
        let lease = &answer["leases"][0];
        let body = json!({
            "task": lease["task"], "token": lease["token"], "note": "n".repeat(2000),
            "answer": {"kind": "choose", "choice": "left"},
        });
        let Some((status, answer)) = service.try_ask(("POST", "/labels"), &admin, &format!("k{at}"), &body)
        else {
            break;
        };
        match status {
            201 => confirmed += answer["labels"].as_u64().unwrap_or(0),
            _ => refused += 1,
        }
        if refused > 3 {
            break;
        }
    }
    assert!(confirmed > 0 && refused > 0, "{confirmed} {refused}");
    drop(service);
    let run = project.run("label export labels.jsonl --json");
    let exported: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(exported["labels"], json!(confirmed), "{}", run.stderr);
    assert_eq!(project.run("audit log").code, 0);
}

/// The same decisions by the service and by a label file are the same labels.
#[test]
fn the_service_and_a_label_file_say_the_same() {
    let (by_service, by_file) = (Project::new(), Project::new());
    let mut exports = vec![];
    let admin = user(&by_service, "ana", "admin");
    let service = Service::start(&by_service);
    let responses = ask_for(&service, &admin, 3);
    let mut lines = String::new();
    for _ in 0..3 {
        let answer = service.ask(("POST", "/tasks/claim"), &admin, &json!({}));
        let lease = &answer["leases"][0];
        let better = lease["responses"][0]["id"].as_str().unwrap();
        let other = lease["responses"][1]["id"].as_str().unwrap();
        let decision = json!({
            "task": lease["task"], "token": lease["token"], "note": "so",
            "answer": {"kind": "choose", "choice": "left", "strength": 0.5},
        });
        service.ask(("POST", "/labels"), &admin, &decision);
        let (a, b) = (better.min(other), better.max(other));
        let winner = if a == better { "a" } else { "b" };
        let label = json!({
            "kind": "compare", "response_a_id": a, "response_b_id": b, "winner": winner, "strength": 0.5,
            "annotator": "ana", "note": "so",
        });
        lines.push_str(&format!("{label}\n"));
    }
    let token = user(&by_file, "bot", "ingest");
    let other = Service::start(&by_file);
    let admin_there = user(&by_file, "root", "admin");
    assert_eq!(ask_for(&other, &admin_there, 3), responses);
    assert!(!token.is_empty());
    drop((service, other));
    by_file.file("said.jsonl", lines);
    let run = by_file.run("label import said.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    for project in [&by_service, &by_file] {
        assert_eq!(project.run("label export out.jsonl").code, 0);
        exports.push(project.read("out.jsonl"));
    }
    assert_eq!(exports[0], exports[1]);
    let run = by_service.run("queue agreement --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["reviewers"][0]["name"], "ana");
    let run = by_service.run("queue stats");
    assert!(run.stdout.contains("3 decided") && run.stdout.contains("ana"), "{}", run.stdout);
}

#[test]
fn nobody_listens_to_the_world_without_users() {
    let project = Project::new();
    assert_eq!(project.run("serve").code, 2, "there is no store yet");
    user(&project, "ana", "viewer");
    assert_eq!(project.run("user remove ana").code, 0);
    let run = project.run("serve --listen 0.0.0.0:0");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nobody is a user") && run.stderr.contains("user add"), "{}", run.stderr);
    let run = project.run("review");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("needs a terminal"), "{}", run.stderr);
}

#[test]
fn users_tasks_and_the_log() {
    let project = Project::new();
    let admin = user(&project, "root", "admin");
    assert_eq!(project.run("user add root --role admin").code, 2);
    assert_eq!(project.run("user add <b> --role admin").code, 2);
    let service = Service::start(&project);
    let responses = ask_for(&service, &admin, 1);
    drop(service);
    let (a, b) = (responses[0][0].as_str().unwrap(), responses[0][1].as_str().unwrap());
    let run = project.run(&format!("queue add {a} --dimension style --scale 1..7 --json"));
    let added: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &added), (0, &json!({"added": 1, "tasks": [2]})), "{}", run.stderr);
    let run = project.run(&format!("queue add {a} --dimension style"));
    assert_eq!(run.stdout, "This was asked already, as task 2; nothing was added.\n");
    let run = project.run(&format!("queue add {a} {b} --gold left"));
    assert_eq!(run.stdout, "Added as task 3; `rewardctl review` shows it.\n");
    assert_eq!(project.run(&format!("queue add {a} --gold left")).code, 2);
    assert_eq!(project.run(&format!("queue add {a} {b} --kind rank")).code, 2);
    assert_eq!(project.run(&format!("queue add {}", "0".repeat(32))).code, 2);
    let run = project.run("queue list");
    let line = run.stdout.lines().find(|line| line.contains("rate style")).unwrap();
    assert!(line.contains('2') && line.contains("added") && line.contains("0 of 1"), "{}", run.stdout);
    assert!(run.stdout.contains("3 tasks by the numbers"), "{}", run.stdout);
    let run = project.run("queue list --json");
    let numbers = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["task"].clone());
    assert_eq!(numbers.collect::<Vec<_>>(), [json!(1), json!(2), json!(3)]);
    let run = project.run("--store none user add ana --role admin");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "a token for a store that is thrown away");
    let run = project.run("queue show 2");
    assert!(run.stdout.contains("Task 2: rate on style, open (answered: 0 of 1)"), "{}", run.stdout);
    assert!(run.stdout.contains("Yes, 0."), "{}", run.stdout);
    assert_eq!(project.run("queue show 99").code, 2);
    assert_eq!(project.run("queue release 99").code, 2);
    assert_eq!(project.run("queue release 1 2").stdout, "Released 0 leases.\n");
    let run = project.run("audit log");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("in an unbroken chain that agrees with the heads"), "{}", run.stdout);
    // A copy that was kept elsewhere tells what the file beside the store is made to hide.
    let heads = project.read("store.db.heads");
    project.file("copy.heads", heads.replace('a', "b"));
    let run = project.run("audit log --heads copy.heads");
    assert_eq!((run.code, run.stdout.contains("written anew")), (1, true), "{}", run.stdout);
    project.file("copy.heads", heads.lines().take(1).map(|line| format!("{line}\n")).collect::<String>());
    let run = project.run("audit log --heads copy.heads");
    assert_eq!(
        (run.code, run.stdout.contains("entry 2 the first, without a head")),
        (0, true),
        "{}",
        run.stdout
    );
    std::fs::remove_file(project.path().join("store.db.heads")).unwrap();
    let run = project.run("audit log");
    assert_eq!((run.code, run.stdout.contains("is missing")), (1, true), "{}", run.stdout);
    let run = project.run("user list");
    assert!(run.stdout.contains("root") && run.stdout.contains("admin"), "{}", run.stdout);
}

#[test]
fn keys_can_be_changed_and_not_made_ambiguous() {
    let project = Project::new();
    project.file("rewardctl.toml", "[keys.choose]\nleft = [\"h\"]\n");
    let run = project.run("review --keys");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let left = run.stdout.lines().find(|line| line.contains("the left one is better")).unwrap();
    assert!(left.contains(" h "), "{left}");
    project.file("rewardctl.toml", "[keys.choose]\nleft = [\"u\"]\n");
    let run = project.run("review --keys");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("the key `u` stands for both"), "{}", run.stderr);
}
