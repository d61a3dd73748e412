-- Typst reads `-?` as a soft hyphen, `...` as one character, `--` as a dash, `~` as a blank, and Pandoc writes dashes, the ellipsis
-- and the apostrophe as such shorthands: none of them may change a text. The built-in renderer does the same by itself.
if not (quarto and quarto.version and FORMAT:match("typst")) then
  return {}
end

local ALONE = { ["~"] = true, ["–"] = true, ["—"] = true, ["‘"] = true, ["’"] = true, ["“"] = true, ["”"] = true, ["…"] = true }

local function is_shorthand(char, following)
  return ALONE[char] or char == "-" and following:match("^[?%d-]") or char == "." and following == "."
end

local function exact(text)
  local out, kept, chars = pandoc.Inlines({}), "", {}
  for _, code in utf8.codes(text) do table.insert(chars, utf8.char(code)) end
  for place, char in ipairs(chars) do
    if is_shorthand(char, chars[place + 1] or "") then
      if kept ~= "" then out:insert(pandoc.Str(kept)) end
      out:insert(pandoc.RawInline("typst", ("\\u{%x}"):format(utf8.codepoint(char))))
      kept = ""
    else
      kept = kept .. char
    end
  end
  if kept ~= "" then out:insert(pandoc.Str(kept)) end
  return out
end

local escape = {
  traverse = "topdown",
  Image = function(image) return image, false end, -- its text is an attribute
  Str = function(str) return exact(str.text) end,
}

return { { Pandoc = function(doc) doc.blocks = doc.blocks:walk(escape) return doc end } }
