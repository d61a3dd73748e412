-- What belongs together stays on one line: a number and its "%", "95 % CI", "week 26" in tables; on the website, where nothing
-- is hyphenated and lines are short, "week 26" in the text and "EASI-75" too.
local html = FORMAT:match("html") ~= nil
local NBSP = "\u{a0}"
local blank = { Space = true, SoftBreak = true }

local function text_of(inline)
  return inline.t == "Str" and inline.text or pandoc.utils.stringify(inline)
end

-- Most words end neither in a digit nor in "%" nor in "week", so the one after them need not be looked at.
local function may_belong(left)
  return left:match("[%d%%k]$")
end

local function joined(belongs)
  return function(inlines)
    local changed = false
    for place = 2, #inlines - 1 do
      if blank[inlines[place].t] then
        local left = text_of(inlines[place - 1])
        if may_belong(left) and belongs(left, text_of(inlines[place + 1])) then
          inlines[place] = pandoc.Str(NBSP)
          changed = true
        end
      end
    end
    return changed and inlines or nil
  end
end

local function with_percent(left, right)
  return left:match("%d$") and right:match("^%%") or left:match("%%$") and right:match("^CI")
end

local function with_week(left, right)
  return left:match("^%A*[Ww]eek$") and right:match("^%d")
end

local function name(text)
  if html and text.text:match("^%W?%u+%-%d") then
    return pandoc.Span(text, pandoc.Attr("", { "unbroken" }))
  end
end

local in_text = joined(function(left, right) return with_percent(left, right) or html and with_week(left, right) end)

return {
  { Inlines = in_text, Table = function(table) return table:walk({ Inlines = joined(with_week) }) end },
  { Para = function(paragraph) return paragraph:walk({ Str = name }) end },
}
