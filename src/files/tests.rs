use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::*;

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

fn why<T: std::fmt::Debug>(result: io::Result<T>) -> Refused {
    let error = result.unwrap_err();
    *error.get_ref().and_then(|inner| inner.downcast_ref::<Refused>()).unwrap_or_else(|| panic!("{error}"))
}

#[test]
fn a_step_up_inside_a_path_takes_the_step_before_it_back() {
    for (path, up, way) in [
        ("a/b", ".", "a/b"),
        ("./a/../b", ".", "b"),
        ("../shared", "./..", "shared"),
        ("a/../../b/c", "./..", "b/c"),
        (".", ".", ""),
        ("../..", "./../..", ""),
    ] {
        assert_eq!(apart(Path::new(path)), (PathBuf::from(up), PathBuf::from(way)), "{path}");
    }
}

#[test]
fn a_file_is_read_up_to_its_limit_and_nothing_is_read_outside() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    fs::write(directory.path().join("a"), "text").unwrap();
    assert_eq!(folder.read(name("a"), 4).unwrap(), b"text");
    assert_eq!(why(folder.read(name("a"), 3)), Refused::TooLarge(3));
    assert_eq!(folder.read(name("b"), 3).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(why(folder.open_file(Path::new("../a"))), Refused::Outside);
    assert_eq!(why(folder.enter(Path::new("a"), Missing::Refused)), Refused::NotADirectory);
    assert_eq!(folder.enter(Path::new("b/c"), Missing::Refused).unwrap_err().kind(), io::ErrorKind::NotFound);
    folder.enter(Path::new("b/c"), Missing::Made).unwrap();
    assert!(directory.path().join("b/c").is_dir());
    assert_eq!(why(folder.open_file(Path::new("b"))), Refused::NotAFile);
}

#[cfg(unix)]
#[test]
fn links_of_either_kind_pipes_and_directories_are_refused_for_reading_and_for_writing() {
    use std::os::unix::fs::symlink;

    let directory = tempfile::tempdir().unwrap();
    let at = |path: &str| directory.path().join(path);
    fs::write(at("precious"), "precious").unwrap();
    fs::create_dir(at("inside")).unwrap();
    fs::create_dir(at("outside")).unwrap();
    symlink("../precious", at("inside/link")).unwrap();
    symlink("../outside", at("inside/folder")).unwrap();
    fs::hard_link(at("precious"), at("inside/hard")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("inside/pipe")).status().unwrap().success());
    let folder = Folder::open(&at("inside")).unwrap();
    for (found, refused) in [("link", Refused::Link), ("folder", Refused::Link), ("pipe", Refused::NotAFile)] {
        assert_eq!(why(folder.read(name(found), 99)), refused, "{found}");
        assert_eq!(why(folder.open_writable(name(found))), refused, "{found}");
        assert_eq!(why(folder.open_appendable(name(found))), refused, "{found}");
    }
    assert_eq!(why(folder.enter(Path::new("folder/deeper"), Missing::Made)), Refused::Link);
    assert_eq!(why(folder.open_writable(name("hard"))), Refused::HardLink);
    assert_eq!(why(folder.open_appendable(name("hard"))), Refused::HardLink);
    // Something in the place of a file to be rewritten is removed; nothing is written through it.
    for left in ["link", "pipe", "hard"] {
        folder.make_anew(name(left)).unwrap();
    }
    assert_eq!(fs::read_to_string(at("precious")).unwrap(), "precious");
    assert_eq!(fs::read_dir(at("outside")).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn what_becomes_a_link_after_it_was_looked_at_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a"), "").unwrap();
    std::os::unix::fs::symlink("a", directory.path().join("link")).unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    let flags = rustix::fs::OFlags::RDONLY;
    assert!(folder.open_at(name("a"), flags).is_ok());
    assert_eq!(why(folder.open_at(name("link"), flags)), Refused::Link);
    // The folder remains the directory that was opened, even if it is moved.
    let moved = directory.path().with_extension("moved");
    fs::rename(directory.path(), &moved).unwrap();
    assert!(folder.read(name("a"), 1).is_ok());
    fs::rename(&moved, directory.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn below_the_working_directory_no_link_is_followed_and_elsewhere_the_machines_own_are() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path().canonicalize().unwrap();
    fs::create_dir_all(here.join("work/real")).unwrap();
    fs::create_dir(here.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(here.join("elsewhere"), here.join("work/linked")).unwrap();
    let named = |path: &Path| Folder::named(path, &here.join("work"), Missing::Made);
    assert_eq!(why(named(&here.join("work/linked"))), Refused::Link);
    assert_eq!(why(named(&here.join("work/linked/deep"))), Refused::Link);
    named(&here.join("elsewhere/deep")).unwrap();
    std::os::unix::fs::symlink(here.join("elsewhere"), here.join("outside")).unwrap();
    named(&here.join("outside/deep")).unwrap();
}

#[test]
fn a_file_that_was_removed_and_made_again_is_another_one() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    let held = folder.open_writable(name("lock")).unwrap();
    assert!(folder.is_still(name("lock"), &held).unwrap());
    if cfg!(unix) {
        folder.remove(name("lock")).unwrap();
        assert!(!folder.is_still(name("lock"), &held).unwrap());
        folder.open_writable(name("lock")).unwrap();
        assert!(!folder.is_still(name("lock"), &held).unwrap());
    }
}
