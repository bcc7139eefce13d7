"""What goes on around the decisions: other people's work, clocks that differ, a service that is started again."""
import tempfile
import time

from chromium import until
from service import Service, held


class Team:
    """Steps of a review, which has the service, the browser and the means to look and press."""

    def restarted(self, binary):
        """Without users a restarted service has another token: what is not sent waits for it, and the page says so."""
        browser = self.browser
        with tempfile.TemporaryDirectory() as folder:
            service = Service(binary, folder, team=[])
            try:
                for n in range(2):
                    service.add("rate", [f"alone {n}"], dimension="alone")
                browser.open(service.link)
                self.asks("on alone")
                address = service.address
                service.kill()
                self.press("3")
                until(lambda: "1 kept here" in (browser.text("#connection") or ""), 30)
                service.start(address.removeprefix("http://"))
                until(lambda: "1 decision is not sent yet" in (browser.text("#unsent") or ""), 30)
                assert "Sign in again as ana" in browser.text("#unsent")
                self.shot("restarted")
                browser.open("about:blank")
                browser.open(service.link)
                until(lambda: len(service.labels()) == 1, 30)
                until(lambda: browser.run("document.querySelector('#sign-in').hidden"))
            finally:
                service.kill()
        browser.open(f"{self.service.address}/")
        held("after a restart without users the page says what is not sent, and sends it when signed in again")

    def clocks(self):
        """The machine of a reviewer is an hour off: leases and labels follow the service."""
        service, browser = self.service, self.browser
        for hours in [1, -1]:
            added = browser.call("Page.addScriptToEvaluateOnNewDocument", source=f"""
                const now = Date.now; Date.now = () => now() + {hours} * 3_600_000""")
            service.add("rate", [f"clock {hours}"], dimension=f"clock{hours}")
            browser.call("Page.reload")
            self.asks(f"on clock{hours}")
            task = service.ask("GET", f"/tasks?dimension=clock{hours}")["tasks"][0]
            assert [of["by"] for of in task["held"]] == ["ana"], task
            left = task["held"][0]["expires_ms"] - time.time() * 1000
            assert 0 < left <= 60_000, left
            assert not service.ask("POST", "/tasks/claim", "ben", {"dimension": f"clock{hours}"})["leases"]
            before = len(service.labels())
            self.press("4")
            until(lambda: len(service.labels()) == before + 1)
            browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
        browser.call("Page.reload")
        held("a reviewer whose clock is an hour off holds and decides by the clock of the service")

    def sign_in_as(self, name):
        browser = self.browser
        browser.click("#sign-out")
        until(lambda: browser.run("!document.querySelector('#sign-in').hidden"))
        browser.run("document.querySelector('#token').focus()")
        browser.write(self.service.tokens[name])
        self.press("Enter")
        until(lambda: name in (browser.text("#progress") or ""))

    def bulk(self):
        """A curator closes, releases and reopens what a filter leaves, by keys."""
        service, browser = self.service, self.browser
        assert browser.run("document.querySelector('#show-queue').hidden"), "reviewers have no queue"
        self.press("s", "6")
        self.sign_in_as("eva")
        until(lambda: browser.run("!document.querySelector('#task').hidden"))
        for n in range(6):
            service.add("rate", [f"bulk {n}"], reason=f"many {n}", dimension="many")
        service.ask("POST", "/tasks/claim", "ben", {"count": 3, "dimension": "many"})

        def states():
            tasks = service.ask("GET", "/tasks?reason=many")["tasks"]
            return sorted(task["state"] for task in tasks)
        until(lambda: states() == ["held"] * 3 + ["open"] * 3)
        browser.run("document.querySelector('#show-queue').focus()")
        self.press("Enter")
        browser.run("document.querySelector('[name=reason]').focus()")
        browser.write("MANY")
        self.press("Enter")
        count = lambda: browser.text("#queue-count") or ""
        for state, says, verb, then in [
                ("open", "3 tasks open", "Close 3 tasks", ["closed"] * 3 + ["held"] * 3),
                ("held", "3 tasks held", "Release 3 tasks", ["closed"] * 3 + ["open"] * 3),
                ("closed", "3 tasks of these closed by somebody", "Reopen 3 tasks", ["open"] * 6)]:
            browser.run(f"""document.querySelector('#queue-state').value = '{state}';
                            document.querySelector('#queue-state').dispatchEvent(new Event('change'))""")
            until(lambda: says in count() and browser.text("#queue-change") == f"{verb}…")
            if state == "open":
                self.shot("queue")
                self.axe("queue")
            browser.run("document.querySelector('#queue-change').focus()")
            self.press("Enter")
            until(lambda: browser.text("#sure-title") == f"{verb}?")
            if state == "open":
                self.shot("sure")
                self.axe("sure")
                self.press("Escape")
                assert "open" in states(), "thought better of it"
                self.press("Enter")
                until(lambda: browser.run("document.querySelector('#sure').open"))
            self.press("Tab", "Enter")
            until(lambda: states() == then)
            until(lambda: " 3 tasks." in (browser.text("#queue-done") or ""))
        log = [entry["action"] for entry in service.ask("GET", "/audit")["entries"]]
        assert [action for action in log if action != "queue.add"][:3] == [
            "queue.reopen", "queue.release", "queue.close"], log
        browser.size(390, 844)
        assert not browser.run("document.documentElement.scrollWidth > innerWidth")
        self.shot("queue-phone")
        browser.size(1280, 850)
        self.press("Escape")
        held("a curator closes, releases and reopens all that a filter leaves; the question names how many")
