"""What a person does in JupyterLab, by clicking and typing on a page."""

import re

from playwright.sync_api import expect

from gradings import ASSIGNMENT


def open_panel(page, address: str, command: str) -> None:
    """Open one of nbgrader's panels from JupyterLab's menu, by the name of its command."""
    page.goto(f"{address}/lab?reset")
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Nbgrader").click()
    page.locator(f'.lm-Menu-item[data-command="nbgrader:open-{command}"]').click()


def open_formgrader(page, address: str) -> tuple:
    """Open Formgrader: its frame, and the row of the assignment in it."""
    open_panel(page, address, "formgrader")
    formgrader = page.frame_locator("#formgrader-iframe iframe")
    name = formgrader.get_by_text(ASSIGNMENT, exact=True)
    return formgrader, formgrader.locator("#main-table tr").filter(has=name)


def in_list(page, address: str, kind: str):
    """Open the Assignment List: the assignment in one of its parts."""
    open_panel(page, address, "assignment-list")
    return listed(page, kind)


def listed(page, kind: str):
    return page.locator(f"#{kind}_assignments_list .list_item", has_text=ASSIGNMENT).first


def open_notebook(page, address: str, name: str) -> None:
    page.goto(f"{address}/lab/tree/{name}.ipynb?reset")
    page.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").first.wait_for()
    # the indicator in the toolbar is idle, too, where there is no kernel yet
    status = page.locator("#jp-main-statusbar")
    expect(status).to_contain_text("(ipykernel) | Idle", timeout=60_000)


def replace(page, index: int, source: str) -> None:
    """Replace a cell's text as a person would: click into it, select all, paste."""
    cell = page.locator(".jp-Notebook-cell").nth(index)
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(source)


def run_all(page, until: int) -> None:
    """Run All, and wait for a cell to end; JupyterLab stops at the first error."""
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Run").click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    prompt = page.locator(".jp-Notebook-cell").nth(until).locator(".jp-InputPrompt")
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=120_000)


def validate(page):
    page.locator("jp-button.validate-button").click()
    dialog = page.locator(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog")
    dialog.wait_for(timeout=120_000)
    return dialog


def panels(page) -> list[str]:
    """Which of nbgrader's panels JupyterLab offers, by its commands, menu or side bars."""
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Help").wait_for()
    menu = page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Nbgrader")
    found = []
    if menu.count():
        menu.click()
        items = page.locator(".lm-Menu-item[data-command^='nbgrader:open-']:visible")
        items.first.wait_for()
        found = [item.get_attribute("data-command") for item in items.all()]
        page.keyboard.press("Escape")
    tabs = page.locator(".jp-SideBar .lm-TabBar-tab[title*='Create Assignment']").count()
    names = {name.removeprefix("nbgrader:open-") for name in found}
    return sorted(names | ({"create-assignment"} if tabs else set()))
