-- What belongs together stays on one line: a number and its "%", "95 % CI", in tables also "week 26"; on the website "EASI-75".
local NBSP = "\u{a0}"
local blank = { Space = true, SoftBreak = true }

local function joined(belongs)
  return function(inlines)
    for place = 2, #inlines - 1 do
      if blank[inlines[place].t] then
        local left, right = pandoc.utils.stringify(inlines[place - 1]), pandoc.utils.stringify(inlines[place + 1])
        if belongs(left, right) then inlines[place] = pandoc.Str(NBSP) end
      end
    end
    return inlines
  end
end

local function with_percent(left, right)
  return left:match("%d$") and right:match("^%%") or left:match("%%$") and right:match("^CI")
end

local function with_week(left, right)
  return left:match("^[Ww]eek$") and right:match("^%d")
end

-- Browsers break after a hyphen; the PDF and Word keep such names in one piece or have room.
local function name(text)
  if FORMAT:match("html") and text.text:match("^%W?%u+%-%d") then
    return pandoc.Span(text, pandoc.Attr("", { "unbroken" }))
  end
end

return {
  { Inlines = joined(with_percent), Table = function(table) return table:walk({ Inlines = joined(with_week) }) end },
  { Para = function(paragraph) return paragraph:walk({ Str = name }) end },
}
