// Makes an editor of each <textarea data-rich-text>: bold, italic, headings, lists, links. Words and buttons come from
// <template id="rich_text_tools">. Without it, or without this script, the text area stays one of plain lines.
//
// The text area keeps what is sent and is written only when something was typed, so that opening a form changes nothing.
// What comes in, by pasting too, is built anew of the few elements below; the server sanitises whatever is sent.
(() => {
  "use strict";

  const KEPT = new Set("P BR HR STRONG EM B I U S SUB SUP UL OL LI A H2 H3 H4 BLOCKQUOTE CODE PRE TABLE CAPTION THEAD TBODY TFOOT TR TH TD".split(" "));
  const DROPPED = new Set("SCRIPT STYLE TITLE TEMPLATE NOSCRIPT IFRAME OBJECT SVG MATH HEAD META LINK".split(" "));
  const BLOCKS = new Set("P UL OL H2 H3 H4 BLOCKQUOTE PRE TABLE HR".split(" "));
  const EMPTY_GO = "p, strong, em, b, i, u, s, sub, sup, a, code, li, h2, h3, h4";
  const RENAMED = { DIV: "P", H1: "H2", H5: "H4", H6: "H4" };
  const LINK = /^(https?:\/\/[^\s/]|mailto:\S)/i;

  function copyCleaned(from, to) {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        to.append(node.data);
        continue;
      }
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      const name = node.tagName.toUpperCase();
      if (DROPPED.has(name)) continue;
      const kept = RENAMED[name] ?? name;
      // A paragraph around blocks would be torn apart when it is read again.
      const wraps = kept === "P" && [...node.children].some((child) => BLOCKS.has(RENAMED[child.tagName] ?? child.tagName));
      if (!KEPT.has(kept) || wraps) {
        copyCleaned(node, to);
        continue;
      }
      const copy = document.createElement(kept);
      const address = kept === "A" ? node.getAttribute("href") : null;
      if (address && LINK.test(address)) copy.setAttribute("href", address);
      to.append(copy);
      copyCleaned(node, copy);
    }
  }

  // Parsed in a template, in which nothing runs and nothing is loaded.
  function cleaned(html) {
    const fragment = document.createDocumentFragment();
    const parsed = document.createElement("template");
    // Nothing of these would be kept; without them the browser has nothing to complain of under the page's policy.
    parsed.innerHTML = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, " "));
    copyCleaned(parsed.content, fragment);
    return fragment;
  }

  // Lines that stand in no block become paragraphs; what editing left empty goes.
  function inParagraphs(fragment) {
    const box = document.createElement("div");
    let line = null;
    for (const node of [...fragment.childNodes]) {
      if (node.nodeType === Node.ELEMENT_NODE && BLOCKS.has(node.tagName)) {
        line = null;
        box.append(node);
        continue;
      }
      if (!line) {
        line = document.createElement("p");
        box.append(line);
      }
      line.append(node);
    }
    // From the inside out: what holds nothing but what holds nothing goes too.
    for (const element of [...box.querySelectorAll(EMPTY_GO)].reverse()) if (!element.textContent.trim()) element.remove();
    return box;
  }

  function htmlOf(element) {
    const box = inParagraphs(cleaned(element.innerHTML));
    const isEmpty = !box.textContent.trim() && !box.querySelector("hr, table");
    return isEmpty ? "" : box.innerHTML.replaceAll("&nbsp;", " ");
  }

  // Plain lines as the server reads them: blank lines part paragraphs.
  function fromLines(text) {
    const fragment = document.createDocumentFragment();
    for (const paragraph of text.split(/\n\s*\n/)) {
      const element = document.createElement("p");
      if (!paragraph) element.append(document.createElement("br")); // else it could not be typed into
      paragraph.split("\n").forEach((line, index) => {
        if (index) element.append(document.createElement("br"));
        element.append(line);
      });
      fragment.append(element);
    }
    return fragment;
  }

  function blockAround(editor) {
    let node = getSelection().anchorNode;
    while (node && node !== editor) {
      if (node.nodeType === Node.ELEMENT_NODE && BLOCKS.has(node.tagName)) return node;
      node = node.parentNode;
    }
    return null;
  }

  function linkAround(editor) {
    const node = getSelection().anchorNode;
    const link = (node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement)?.closest("a");
    return link && editor.contains(link) ? link : null;
  }

  function prepare(area) {
    const tools = document.getElementById("rich_text_tools");
    if (!tools) return;
    const parts = tools.content.cloneNode(true);
    const toolbar = parts.querySelector("[role=toolbar]");
    const linkBox = parts.querySelector(".rich-link");
    const linkField = linkBox.querySelector("input");
    const wrong = linkBox.querySelector("[role=alert]");
    const buttons = [...toolbar.querySelectorAll("button")];
    const label = document.querySelector(`label[for="${area.id}"]`);
    const editor = document.createElement("div");
    let remembered = null;

    editor.className = "rich-editor rich-text";
    editor.contentEditable = "true";
    if (area.lang) editor.lang = area.lang;
    editor.setAttribute("role", "textbox");
    editor.setAttribute("aria-multiline", "true");
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (area.hasAttribute(name)) editor.setAttribute(name, area.getAttribute(name));
    }
    editor.append(/<|&#?\w+;/.test(area.value) ? cleaned(area.value) : fromLines(area.value));
    // Links to the field, such as those of the errors, lead to what is seen.
    editor.id = area.id;
    area.removeAttribute("id");
    area.hidden = true;
    if (label) {
      label.id = `${editor.id}_label`;
      label.removeAttribute("for");
      label.addEventListener("click", () => editor.focus());
      editor.setAttribute("aria-labelledby", label.id);
    }
    const frame = document.createElement("div");
    frame.className = "rich-frame";
    frame.append(toolbar, linkBox, editor);
    area.before(frame);

    const write = () => {
      area.value = htmlOf(editor);
      area.dispatchEvent(new Event("input", { bubbles: true }));
    };
    // Browsers have no other way to change what is edited and keep their own undo; what they make of it is cleaned anyway.
    const command = (name, value) => document.execCommand(name, false, value);
    // Not by a command: browsers write styles into what they insert between blocks, which the page's policy forbids.
    const insert = (pieces) => {
      const range = getSelection().getRangeAt(0);
      range.deleteContents();
      const last = pieces.lastChild;
      if (!last) return;
      const block = blockAround(editor);
      if ([...pieces.childNodes].some((piece) => BLOCKS.has(piece.tagName)) && block) {
        const rest = document.createRange();
        rest.setStart(range.startContainer, range.startOffset);
        rest.setEndAfter(block);
        const tail = rest.extractContents();
        block.after(pieces, tail);
        for (const side of [block, last.nextSibling]) if (side && !side.textContent.trim()) side.remove();
      } else if (block && !block.textContent.trim() && block.tagName === "P") block.replaceChildren(pieces);
      else range.insertNode(pieces);
      getSelection().selectAllChildren(last);
      getSelection().collapseToEnd();
      write();
    };
    const press = () => {
      if (!editor.contains(getSelection().anchorNode)) return;
      const block = blockAround(editor);
      for (const button of buttons) {
        const name = button.dataset.command;
        const isOn =
          name === "heading" ? /^H[234]$/.test(block?.tagName ?? "") : name === "link" ? Boolean(linkAround(editor)) : document.queryCommandState(name);
        button.setAttribute("aria-pressed", String(isOn));
      }
    };
    const openLink = () => {
      const selection = getSelection();
      remembered = selection.rangeCount && editor.contains(selection.anchorNode) ? selection.getRangeAt(0).cloneRange() : null;
      linkField.value = linkAround(editor)?.getAttribute("href") ?? "";
      wrong.hidden = true;
      linkBox.hidden = false;
      linkField.focus();
    };
    const closeLink = () => {
      linkBox.hidden = true;
      editor.focus();
      if (!remembered) return;
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(remembered);
    };
    const setLink = () => {
      let address = linkField.value.trim();
      if (/^[^\s:/@]+\.[^\s:/]+(\/\S*)?$/.test(address)) address = `https://${address}`;
      if (!LINK.test(address)) {
        wrong.hidden = false;
        linkField.focus();
        return;
      }
      closeLink();
      const link = linkAround(editor);
      if (link) link.setAttribute("href", address);
      else if (getSelection().isCollapsed) {
        const made = document.createElement("a");
        made.setAttribute("href", address);
        made.textContent = address;
        const pieces = document.createDocumentFragment();
        pieces.append(made);
        insert(pieces);
      } else command("createLink", address);
      write();
    };
    const removeLink = () => {
      closeLink();
      const link = linkAround(editor);
      if (link) {
        getSelection().selectAllChildren(link);
        command("unlink");
        write();
      }
    };
    const run = (name) => {
      if (name === "link") {
        openLink();
        return;
      }
      editor.focus();
      if (name === "heading") command("formatBlock", /^H[234]$/.test(blockAround(editor)?.tagName ?? "") ? "p" : "h3");
      else command(name);
      write();
      press();
    };

    for (const button of buttons) {
      button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
      button.addEventListener("click", () => run(button.dataset.command));
    }
    // One stop of the tab key for the toolbar, arrows inside it.
    buttons.forEach((button, index) => (button.tabIndex = index ? -1 : 0));
    toolbar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
      for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
      next.focus();
    });
    linkBox.addEventListener("click", (event) => {
      const act = event.target.closest("[data-link]")?.dataset.link;
      if (act === "set") setLink();
      if (act === "remove") removeLink();
    });
    linkBox.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === linkField) setLink();
      if (event.key === "Escape") closeLink();
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
    });
    linkBox.addEventListener("input", (event) => event.stopPropagation()); // it is no field of the form
    editor.addEventListener("focus", () => command("defaultParagraphSeparator", "p"));
    editor.addEventListener("input", (event) => {
      event.stopPropagation(); // the text area tells of it, with what will be sent
      write();
    });
    editor.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openLink();
      }
    });
    editor.addEventListener("paste", (event) => {
      event.preventDefault();
      const html = event.clipboardData.getData("text/html");
      const text = event.clipboardData.getData("text/plain");
      const isOneLine = !html && !text.trim().includes("\n");
      if (isOneLine) command("insertText", text);
      else insert(html ? cleaned(html) : fromLines(text.replaceAll("\r\n", "\n")));
    });
    editor.addEventListener("drop", (event) => event.preventDefault());
    document.addEventListener("selectionchange", press);
  }

  document.querySelectorAll("textarea[data-rich-text]").forEach(prepare);
})();
