use tempfile::TempDir;

use super::*;

#[test]
fn a_finished_file_replaces_the_old_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, "old").unwrap();
    let mut sink = Sink::create(&path).unwrap();
    sink.write_all(b"new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    sink.finish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert!(matches!(Sink::create(folder.path()), Err(Error::Folder { .. })));
}

#[cfg(unix)]
#[test]
fn links_and_devices_stay_what_they_are() {
    let folder = TempDir::new().unwrap();
    let (path, link) = (folder.path().join("f"), folder.path().join("link"));
    fs::write(&path, "old").unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let mut sink = Sink::create(&link).unwrap();
    sink.write_all(b"new").unwrap();
    sink.finish().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert!(matches!(Sink::create(Path::new("/dev/null")).unwrap(), Sink::Stream(_)));
}

#[test]
fn what_a_killed_run_left_is_taken_over_and_two_runs_keep_apart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("f");
    fs::write(folder.path().join(".f.part"), "left by a killed run, and longer").unwrap();
    let mut sink = Sink::create(&path).unwrap();
    sink.write_all(b"new").unwrap();
    let Err(Error::Write { source, .. }) = Sink::create(&path) else { panic!("two runs write one file") };
    assert_eq!(source.to_string(), "another run is writing it");
    sink.finish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    drop(Sink::create(&path).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
